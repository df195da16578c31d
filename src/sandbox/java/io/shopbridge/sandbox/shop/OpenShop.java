package io.shopbridge.sandbox.shop;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.server.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;

/** A shop that goes on where it stopped at the end of the last process, by what a file remembers of it. */
public final class OpenShop {

    private final Path file;
    private final long seed;
    private final Instant startedAt;
    private final ShopModel model;

    private OpenShop(Path file, long seed, Instant startedAt, ShopModel model) {
        this.file = file;
        this.seed = seed;
        this.startedAt = startedAt;
        this.model = model;
    }

    /**
     * Opens it.
     *
     * @param seed decides what happens in the shop
     * @param file remembers how many webhooks the shop has sent; null begins anew each time
     */
    public static OpenShop of(long seed, Path file) {
        Clock clock = Clock.systemUTC();
        JsonNode position = read(file);
        if (position == null || position.path("seed").asLong() != seed) {
            return new OpenShop(file, seed, clock.instant(), new ShopModel(seed, clock).withCartsAndCompanies());
        }
        Instant startedAt = Instant.parse(position.get("started").asText());
        return new OpenShop(file, seed, startedAt, ShopModel.resumed(seed, clock, position.get("events").asLong(),
                startedAt, Instant.parse(position.get("saved").asText())));
    }

    /** What happens in it. */
    public ShopModel model() {
        return model;
    }

    /** @param events how many webhooks need not be sent again */
    void save(long events) {
        if (file == null) {
            return;
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.write(next, Json.bytes(Json.object().put("seed", seed).put("events", events)
                    .put("started", startedAt.toString()).put("saved", Instant.now().toString())));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            System.getLogger(OpenShop.class.getName()).log(System.Logger.Level.WARNING,
                    "The simulated shop cannot save its position in " + file + " and will repeat itself after a "
                            + "restart: " + e.getMessage());
        }
    }

    private static JsonNode read(Path file) {
        if (file == null || !Files.exists(file)) {
            return null;
        }
        try {
            return Json.parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("The simulated shop cannot read its position from " + file
                    + "; delete the file to begin anew", e);
        }
    }
}
