package io.shopbridge.backfill;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import com.sun.net.httpserver.HttpServer;
import io.shopbridge.backfill.Backfill.State;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.store.Stores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackfillingTest {

    private final Backfills backfills = mock(Backfills.class);
    private final Backfilling backfilling = new Backfilling(backfills, mock(Forecasts.class), mock(OrderCutoffs.class),
            mock(AdminApi.class), mock(WholeRecords.class), mock(Shopify.class), mock(Stores.class));

    /** It was read again from there each minute, for as long as Shopify keeps it. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"id\": 1", "no JSON", "[]"})
    void aFileWithALineThatCanNeverBeReadIsExportedAgain(String line) throws IOException {
        byte[] bytes = ("{\"id\": 1}\n" + line + "\n").getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", call -> {
            try (call) {
                call.sendResponseHeaders(200, bytes.length);
                call.getResponseBody().write(bytes);
            }
        });
        server.start();
        try {
            Backfill backfill = downloading("http://127.0.0.1:" + server.getAddress().getPort() + "/file.jsonl");
            when(backfills.next()).thenReturn(Optional.of(backfill));

            backfilling.next(Instant.now().plusSeconds(60));

            verify(backfills).again(eq(backfill), any(), contains("A line of the file is not"));
            verify(backfills, never()).wait(any(), any(), any());
        } finally {
            server.stop(0);
        }
    }

    private static Backfill downloading(String url) {
        return new Backfill(1, "main", "customer", null, null, false, State.DOWNLOADING, false,
                "gid://shopify/BulkOperation/1", url, 2L, 2L, 0, 0, 0, null, 0, null, List.of(), List.of(), null,
                Instant.now(), Instant.now(), null);
    }
}
