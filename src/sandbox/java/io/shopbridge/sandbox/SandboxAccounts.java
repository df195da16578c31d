package io.shopbridge.sandbox;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.InvalidCrm;
import io.shopbridge.doctor.Doctor;
import io.shopbridge.doctor.Finding;
import io.shopbridge.doctor.Finding.Level;
import io.shopbridge.map.MappingsAccepted;
import io.shopbridge.store.SecureAddress;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.InvalidMappings;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.FileSystemUtils;

/**
 * Sets the simulated accounts up as {@code doctor --create} does with real ones: each begins with what its vendor gives
 * to everybody, and gets the fields that the mappings need before the first record is delivered, and again whenever
 * mappings are taken in. So a field that was added to a mapping is there without a line of Java.
 */
public final class SandboxAccounts implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxAccounts.class);

    private final Environment environment;

    /** @param environment the settings of the application that delivers to these accounts */
    public SandboxAccounts(Environment environment) {
        this.environment = environment;
    }

    /** @param settings of an application in a process of its own, each as {@code --shopbridge.…=…} */
    public static void setUp(Collection<String> settings) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(
                new SimpleCommandLinePropertySource(settings.toArray(String[]::new)));
        new SandboxAccounts(environment).setUp();
    }

    @Override
    public void afterSingletonsInstantiated() {
        setUp();
    }

    @EventListener(MappingsAccepted.class)
    public void setUp() {
        ShopbridgeSettings.of(environment).crms().keySet().forEach(this::setUp);
    }

    private void setUp(String name) {
        try {
            Crm crm = new Crms(ShopbridgeSettings.of(environment).ofCrm(name)).get(name);
            if (!crm.addresses().values().stream().allMatch(SecureAddress::isLoopbackUrl)) {
                LOG.warn("CRM {} is not of this machine, and so no simulated account: nothing is set up there.", name);
                return;
            }
            Path directory = Files.createTempDirectory("shopbridge-sandbox");
            List<Finding> findings = doctor(true, directory).crm(name);
            Path objects = directory.resolve(name).resolve("objects");
            if (Files.exists(objects)) {
                deploy(crm, objects);
                findings = doctor(false, directory).crm(name);
            }
            FileSystemUtils.deleteRecursively(directory);
            describe(crm);
            findings.stream().filter(finding -> finding.level() == Level.PROBLEM).forEach(finding ->
                    LOG.warn("The simulated account is not as the mappings need it. {}", finding));
        } catch (InvalidCrm | InvalidMappings e) {
            LOG.warn("CRM {} is not set up: {}", name, e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Doctor doctor(boolean create, Path directory) {
        return new Doctor(environment, create, directory, Clock.systemUTC());
    }

    /** What {@code sf project deploy start --metadata-dir} does with an org. */
    private static void deploy(Crm crm, Path objects) throws IOException {
        try (Stream<Path> files = Files.list(objects)) {
            for (Path file : files.sorted().toList()) {
                String object = file.getFileName().toString().replace(".object", "");
                post(crm.baseUrl() + "/sandbox/deploy/" + object, BodyPublishers.ofFile(file));
            }
        }
    }

    /** CRM One is made up: it has whatever the description in its folder says. */
    private void describe(Crm crm) throws IOException {
        Path mappings = ShopbridgeSettings.of(environment).mappingsDir();
        Path description = mappings.resolve("crm-one/fields.yaml");
        if (!crm.folder().equals("crm-one") || !Files.exists(description)) {
            return;
        }
        Optional<Yaml> described = Yaml.read(mappings, description, new ArrayList<>());
        if (described.isPresent()) {
            post(crm.baseUrl() + "/sandbox/fields", BodyPublishers.ofString(described.get().json().toString()));
        }
    }

    private static void post(String url, BodyPublisher body) throws IOException {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient().send(
                    HttpRequest.newBuilder(URI.create(url)).POST(body).build(), BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                LOG.warn("The simulated account could not be set up: {} answered {}", url, answer.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
