package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * How many records a second one core maps with the shipped mappings: what every delivery does between identifying and
 * merging. The aim is 20,000 customers and 5,000 orders of 20 lines, so that mapping never limits a backfill.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class MappingBenchmark {

    private static final int LINES = 20;
    private static final MappingContext MAIN = new MappingContext("main", "US");

    /** A folder of {@code mappings/}. */
    @Param({"hubspot", "crm-one"})
    public String crm;

    private Mapping customers;
    private Mapping orders;
    private JsonNode customer;
    private JsonNode order;

    @Setup
    public void load() throws IOException {
        Path root = Path.of("mappings");
        Mappings mappings = Mappings.load(root);
        customers = mappings.find(crm, "customer").orElseThrow();
        orders = mappings.find(crm, "order").orElseThrow();
        customer = Values.read(root.resolve("samples/customer.json"));
        order = ofLines((ObjectNode) Values.read(root.resolve("samples/order.json")));
    }

    @Benchmark
    public List<MappedRecord> customer() {
        return whole(customers, customer);
    }

    @Benchmark
    public List<MappedRecord> orderOf20Lines() {
        return whole(orders, order);
    }

    /** Everything that a delivery asks of a mapping. */
    private static List<MappedRecord> whole(Mapping mapping, JsonNode record) {
        List<MappedRecord> mapped = new ArrayList<>();
        if (mapping.skip(record, MAIN).isEmpty()) {
            mapping.externalId(record, MAIN);
            mapping.matchKeys(record, MAIN);
            mapped.add(mapping.map(record, MAIN));
            for (ChildMapping child : mapping.children()) {
                for (JsonNode element : child.each(record, MAIN)) {
                    child.externalId(element, MAIN);
                    mapped.add(child.map(element, MAIN));
                }
            }
        }
        return mapped;
    }

    private static ObjectNode ofLines(ObjectNode order) {
        ArrayNode lines = Values.NODES.arrayNode();
        for (int i = 0; i < LINES; i++) {
            ObjectNode line = order.path("line_items").get(0).deepCopy();
            lines.add(line.put("id", Long.toString(11_000_000_000_000L + i)));
        }
        return order.set("line_items", lines);
    }
}
