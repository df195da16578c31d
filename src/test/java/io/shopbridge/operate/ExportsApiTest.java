package io.shopbridge.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.startsWith;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.head;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.shopbridge.audit.Audit;
import io.shopbridge.export.Exports;
import io.shopbridge.export.SnapshotExports;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.transaction.CannotCreateTransactionException;

/** Bounded, because a third that is written waits for ever. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExportsApiTest {

    private final Exports exports = mock(Exports.class);
    private final SnapshotExports snapshots = mock(SnapshotExports.class);
    private final Audit audit = mock(Audit.class);
    private final ExportsApi api = new ExportsApi(exports, snapshots, new KnownNames(exports), audit);

    @BeforeEach
    void oneExport() {
        when(exports.all()).thenReturn(Map.of("orders", List.of("id")));
    }

    @Test
    void twoAtATimeAreWritten() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        when(snapshots.write(any(), any())).thenAnswer(call -> {
            begun.countDown();
            end.await();
            return 0L;
        });
        ExecutorService people = Executors.newFixedThreadPool(2);
        List<Future<?>> asked = List.of(people.submit(this::export), people.submit(this::export));
        begun.await();
        assertThatThrownBy(this::export).isInstanceOf(Problem.class).hasMessageContaining("ask again")
                .hasMessageContaining("429");
        end.countDown();
        for (Future<?> one : asked) {
            one.get();
        }
        people.shutdown();
        export();
    }

    /** Who asks for the headers alone, such as a program that looks whether there is something to fetch. */
    @Test
    void theHeadersAloneReadNoRow() throws Exception {
        MockMvcBuilders.standaloneSetup(api).build().perform(head("/api/v1/exports/orders?format=jsonl"))
                .andExpect(status().isOk()).andExpect(header().string("Content-Type", startsWith("application/x-ndjson")))
                .andExpect(header().string("Content-Disposition", "attachment; filename=\"orders.jsonl\""));
        verifyNoInteractions(snapshots, audit);
        when(exports.all()).thenReturn(Map.of());
        MockMvcBuilders.standaloneSetup(api).setControllerAdvice(new Problems()).build()
                .perform(head("/api/v1/exports/orders")).andExpect(status().isNotFound());
    }

    /** Also after failures the next is written. */
    @Test
    void aFailureGivesItsPlaceBack() throws IOException {
        doThrow(new IOException("the reader has gone")).when(snapshots).write(any(), any());
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(this::export).hasMessage("the reader has gone");
        }
    }

    /** What goes wrong before the first byte is told as a problem, and not under the name of a file. */
    @Test
    void anAnswerThatWasNotBegunIsNoFile() throws IOException {
        doThrow(new CannotCreateTransactionException("no connection")).when(snapshots).write(any(), any());
        MockHttpServletResponse response = new MockHttpServletResponse();
        assertThatThrownBy(() -> api.export("orders", new ExportsApi.Query(null, null, null, null, null),
                new MockHttpServletRequest(), response)).isInstanceOf(CannotCreateTransactionException.class);
        assertThat(response.getContentType()).isNull();
        assertThat(response.getHeaderNames()).isEmpty();
    }

    @Test
    void filesThatSomebodyEditsJustNowAreNamed() throws Exception {
        when(exports.all()).thenThrow(new InvalidMappings(List.of(
                new Fault("exports/mine.yaml", 3, "columns", "is not a mapping", "write `key: value` lines"))));
        MockMvcBuilders.standaloneSetup(api).setControllerAdvice(new Problems()).build().perform(get("/api/v1/exports"))
                .andExpect(status().isConflict())
                .andExpect(content().string(containsString("exports/mine.yaml:3 columns: is not a mapping")));
    }

    private Void export() throws IOException {
        MockHttpServletResponse response = new MockHttpServletResponse();
        api.export("orders", new ExportsApi.Query(null, null, null, null, null), new MockHttpServletRequest(), response);
        assertThat(response.getStatus()).isEqualTo(200);
        return null;
    }
}
