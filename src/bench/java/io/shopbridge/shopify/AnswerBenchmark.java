package io.shopbridge.shopify;

import io.shopbridge.inbox.ReceivedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long one core takes to bring an object of the GraphQL API into the shape of webhooks, and then to read that into
 * facets. Both happen for every record of a poll or a backfill; the aim is 0.3 ms for an order.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class AnswerBenchmark {

    /** A sample of {@code mappings/shopify/samples}. */
    @Param({"order", "customer", "company", "checkout"})
    public String answer;

    private Shopify shopify;
    private Topics topics;
    private byte[] body;
    private List<PayloadPart> parts;

    @Setup
    public void load() throws IOException {
        Path mappings = Path.of("mappings");
        shopify = Shopify.load(mappings);
        topics = Topics.ofNoInstallation(shopify, "US");
        body = Files.readAllBytes(mappings.resolve("shopify/samples/" + answer + "-answer.json"));
        parts = shaped();
    }

    @Benchmark
    public List<PayloadPart> shaped() {
        return GivenBody.of(body, Optional.empty(), shopify).parts();
    }

    @Benchmark
    public List<Optional<Reading>> read() {
        return parts.stream().map(part -> topics.receive(new ReceivedEvent(0, "main", part.topic(), null,
                Instant.now(), part.body()))).toList();
    }
}
