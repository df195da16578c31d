package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmOfContacts;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;

/**
 * How long identifying one customer takes in batches of several sizes: it must not grow with the batch. The same 1,600
 * customers with e-mail and phone are identified each time. HubSpot has a third of them by e-mail and a third by phone,
 * written in another notation; it does not have the others. CRM and database answer at once: no customer has a link, a
 * claim or a decision. Read the p0.50; on a machine that is busy with other things, the p0.00.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class IdentifyBenchmark {

    private static final int CUSTOMERS = 1_600;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final MappingContext MAIN = new MappingContext("main", "US");

    /** Records that are identified together. */
    @Param({"100", "400", "1600"})
    public int batch;

    private Crm crm;
    private Mapping mapping;
    private Identify identify;
    private final List<List<Unidentified>> batches = new ArrayList<>();

    @Setup
    public void load() throws IOException {
        Path root = Path.of("mappings");
        Mappings mappings = Mappings.load(root);
        crm = Crm.ofFolder(root, "hubspot", mappings);
        mapping = mappings.find("hubspot", "customer").orElseThrow();
        CrmOfContacts contacts = new CrmOfContacts();
        JsonNode sample = Values.read(root.resolve("samples/customer.json"));
        List<Unidentified> customers = new ArrayList<>();
        for (int i = 0; i < CUSTOMERS; i++) {
            customers.add(customer((ObjectNode) sample, i));
            contact(contacts, i);
        }
        for (int from = 0; from < CUSTOMERS; from += batch) {
            batches.add(customers.subList(from, from + batch));
        }
        JdbcTemplate database = new NoRows();
        // The mirror is asked only of other customers that are linked to what was found.
        identify = new Identify(new CrmLookup(contacts), new Listings(contacts), new IdentityClaims(database),
                new RecentAnswers(), new Links(database), new Decisions(database), null);
        check(batches.stream().map(some -> identify.identify(crm, mapping, some)).toList());
        settle();
    }

    @Benchmark
    @OperationsPerInvocation(CUSTOMERS)
    public List<Identified> customer() {
        List<Identified> identified = new ArrayList<>();
        for (List<Unidentified> some : batches) {
            identified.add(identify.identify(crm, mapping, some));
        }
        settle();
        return identified;
    }

    /** Without it, the next round would be answered from memory. */
    private void settle() {
        batches.forEach(some -> some.forEach(record -> identify.settled(crm, record.key())));
    }

    private static void check(List<Identified> all) {
        Map<Class<?>, Integer> counts = new HashMap<>();
        all.forEach(one -> one.known().values().forEach(known -> counts.merge(known.getClass(), 1, Integer::sum)));
        int found = counts.getOrDefault(Identification.Found.class, 0);
        if (found != CUSTOMERS - CUSTOMERS / 3 || found + counts.getOrDefault(Identification.New.class, 0) != CUSTOMERS) {
            throw new IllegalStateException("Two thirds must be found and the others be new, but there are " + counts);
        }
    }

    private Unidentified customer(ObjectNode sample, int i) {
        String id = Long.toString(7_100_000_000_000L + i);
        ObjectNode customer = sample.deepCopy().put("id", id).put("email", "buyer" + i + "@example.com")
                .put("phone", String.format("+1503228%04d", i));
        return new Unidentified(new RecordKey("main", "customer", id), mapping.externalId(customer, MAIN).orElseThrow(),
                mapping.matchKeys(customer, MAIN), names(i), MAIN);
    }

    private static void contact(CrmOfContacts contacts, int i) {
        ObjectNode contact = JSON.objectNode().put("id", Integer.toString(501 + i));
        ObjectNode fields = contact.putObject("fields").setAll(names(i));
        switch (i % 3) {
            case 0 -> contacts.add(contact, Map.of("email",
                    fields.put("email", "buyer" + i + "@example.com").get("email").asText()));
            case 1 -> {
                fields.put("phone", String.format("(503) 228-%04d", i));
                contacts.add(contact, Map.of("phone", String.format("+1503228%04d", i)));
            }
            default -> { }
        }
    }

    private static Map<String, JsonNode> names(int i) {
        return Map.of("firstname", JSON.textNode("Buyer"), "lastname", JSON.textNode("Number " + i));
    }

    /** A database whose tables are empty. */
    private static final class NoRows extends JdbcTemplate {

        @Override
        public void query(String sql, RowCallbackHandler rows, Object... parameters) throws DataAccessException {
            // There are none.
        }

        @Override
        public int update(String sql, Object... parameters) throws DataAccessException {
            return 0;
        }
    }
}
