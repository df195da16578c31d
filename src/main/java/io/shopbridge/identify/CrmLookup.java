package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmPage;
import io.shopbridge.crm.Operation;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MatchKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reads CRM records, in calls as large as the CRM allows. */
@Component
public class CrmLookup {

    private static final String FIELDS = "fields";

    /** Short, because users change the CRM meanwhile. */
    private static final Duration FOUND_COUNTS = Duration.ofMinutes(5);
    /** More than are ever in use at once; above it, those not used recently are dropped. */
    private static final int MANY = 10_000;

    /** One value that was searched in a CRM. */
    private record Question(String crm, String object, String field, String value) {
    }

    /** The values of one call, and its results. */
    private record Batch(List<String> asked, List<JsonNode> given, Instant at) {
        boolean counts() {
            return at.plus(FOUND_COUNTS).isAfter(Instant.now());
        }

        Stream<String> idsOnly() {
            return given.stream().filter(hit -> !hit.has(FIELDS)).map(hit -> hit.path("id").asText());
        }
    }

    private final CrmClient client;
    /** Searches that gave ids before the CRM asked to wait: they are not repeated. */
    private final Map<Question, Batch> foundNotRead = new ConcurrentHashMap<>();

    CrmLookup(CrmClient client) {
        this.client = client;
    }

    /**
     * The answers of a CRM, perhaps incomplete.
     *
     * @param <T>   records, or records by id
     * @param asked the values or ids that were completely answered
     * @param busy  the request to wait that ended it; empty if it is complete
     */
    public record Answers<T>(T given, Set<String> asked, Optional<CrmBusy> busy) {
    }

    /**
     * Records whose field may hold one of these values: the caller compares them again.
     *
     * @throws CrmFailure where the CRM did not answer; where it asked to wait, that is part of what is returned
     */
    Answers<List<CrmRecord>> by(Crm crm, String object, Set<String> fieldNames, String field,
            Collection<String> values) {
        List<Batch> batches = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (String value : values.stream().distinct().toList()) {
            Batch found = foundNotRead.remove(new Question(crm.name(), object, field, value));
            if (found == null || !found.counts()) {
                open.add(value);
            } else {
                batches.add(found);
            }
        }
        Operation looks = operation(crm, object, field);
        Answers<List<Batch>> hits = inBatches(crm, object, looks, open,
                some -> CrmCall.find(crm, looks, object, field, some, fieldNames));
        batches.addAll(hits.given());
        // Some searches give only the ids of the records.
        Answers<List<Batch>> read =
                readInBatches(crm, object, fieldNames, batches.stream().flatMap(Batch::idsOnly).toList());
        List<CrmRecord> records = Stream.concat(batches.stream(), read.given().stream())
                .flatMap(batch -> batch.given().stream()).filter(hit -> hit.has(FIELDS)).map(CrmRecord::of).toList();
        Set<String> asked = new HashSet<>();
        for (Batch batch : batches) {
            if (read.asked().containsAll(batch.idsOnly().toList())) {
                asked.addAll(batch.asked());
            } else if (batch.asked().size() == 1) {
                if (foundNotRead.size() > MANY) {
                    foundNotRead.values().removeIf(one -> !one.counts());
                }
                foundNotRead.put(new Question(crm.name(), object, field, batch.asked().get(0)), batch);
            }
        }
        return new Answers<>(records, asked, hits.busy().or(read::busy));
    }

    /**
     * Records that may have one of these keys, by one search for all of them: the caller compares them again. Each is
     * read once more, because the index may have old values of it.
     *
     * @param keys of each record; all of one are in the same call
     * @throws CrmFailure where the CRM did not answer; where it asked to wait, that is part of what is returned
     */
    Answers<List<CrmRecord>> byAny(Crm crm, String object, Set<String> fieldNames, Collection<List<MatchKey>> keys) {
        Answers<List<Batch>> found = inBatches(crm, object, Operation.MATCH, keys,
                some -> some.stream().flatMap(List::stream).map(MatchKey::value).toList(),
                some -> CrmCall.match(crm, object, byField(some), List.of()));
        Answers<Map<String, CrmRecord>> read = readSome(crm, object, fieldNames, found.given().stream()
                .flatMap(batch -> batch.given().stream()).map(hit -> hit.path("id").asText()).toList());
        return new Answers<>(List.copyOf(read.given().values()), read.busy().isPresent() ? Set.of() : found.asked(),
                found.busy().or(read::busy));
    }

    private static Map<String, Set<String>> byField(Collection<List<MatchKey>> keys) {
        Map<String, Set<String>> values = new TreeMap<>();
        keys.forEach(all -> all.forEach(key ->
                values.computeIfAbsent(key.field(), field -> new LinkedHashSet<>()).add(key.value())));
        return values;
    }

    /**
     * How many calls the search for one record is, if each carries as many as the CRM allows; by the name of the limit
     * that counts them, empty for the usual one.
     */
    Map<String, Double> calls(Crm crm, Mapping mapping, Unidentified record) {
        String object = mapping.object();
        Map<String, Double> calls = new HashMap<>();
        Stream.concat(record.externalId() == null ? Stream.empty() : mapping.externalIdField().stream(),
                record.keys().stream().map(MatchKey::field)).map(field -> operation(crm, object, field))
                .forEach(looks -> calls.merge(crm.operations().limit(looks, object).orElse(""),
                        1.0 / crm.operations().batch(looks, object), Double::sum));
        return calls;
    }

    private static Operation operation(Crm crm, String object, String field) {
        return crm.can(Operation.SEARCH, object) && !crm.unique(object, field) ? Operation.SEARCH : Operation.FIND;
    }

    /**
     * How many records to look up at once, so that the first does not wait for the last: if each is a separate call
     * with its own rate limit, as many as it allows in a period.
     */
    int most(Crm crm, String object) {
        return Stream.of(Operation.FIND, Operation.SEARCH).filter(operation -> crm.can(operation, object))
                .filter(operation -> crm.operations().batch(operation, object) == 1)
                .flatMap(operation -> crm.operations().limit(operation, object).stream())
                .mapToInt(limit -> crm.limits().groups().get(limit).requests()).min().orElse(Integer.MAX_VALUE);
    }

    /**
     * The records with these ids, by the id that was asked for; those that are gone are left out. One that was merged
     * into another may be answered with the other's id.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public Map<String, CrmRecord> read(Crm crm, Mapping mapping, Collection<String> ids) {
        return read(crm, mapping.object(), mapping.fieldNames(), ids);
    }

    /** The same for records of any object. */
    public Map<String, CrmRecord> read(Crm crm, String object, Set<String> fieldNames, Collection<String> ids) {
        Answers<Map<String, CrmRecord>> answers = readSome(crm, object, fieldNames, ids);
        if (answers.busy().isPresent()) {
            throw answers.busy().get();
        }
        return answers.given();
    }

    /** The same, with as many of them as could be read before the CRM asked to wait. */
    public Answers<Map<String, CrmRecord>> readSome(Crm crm, String object, Set<String> fieldNames,
            Collection<String> ids) {
        Map<String, CrmRecord> records = new HashMap<>();
        Answers<List<Batch>> read = readInBatches(crm, object, fieldNames, ids);
        read.given().stream().flatMap(batch -> batch.given().stream()).forEach(given ->
                records.put(askedAs(given), CrmRecord.of(given)));
        return new Answers<>(records, read.asked(), read.busy());
    }

    /**
     * The records in whose field one of these ids of other records is: the lines of orders.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public List<CrmRecord> under(Crm crm, String object, Set<String> fieldNames, String field, Collection<String> ids) {
        return complete(inBatches(crm, object, Operation.FIND, ids,
                some -> CrmCall.find(crm, Operation.FIND, object, field, some, fieldNames))).map(CrmRecord::of).toList();
    }

    /**
     * The child records of each of these records, by its id.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public Map<String, List<CrmRecord>> childrenOfMany(Crm crm, String object, Set<String> fieldNames,
            Collection<String> parents) {
        return complete(inBatches(crm, object, Operation.CHILDREN_OF_MANY, parents,
                some -> CrmCall.childrenOfMany(crm, object, some, fieldNames)))
                .collect(Collectors.groupingBy(given -> given.path("parent").asText(),
                        Collectors.mapping(CrmRecord::of, Collectors.toList())));
    }

    /**
     * The records of one object that each of these of another is associated with, by its id.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public Map<String, Set<String>> associated(Crm crm, String from, String to, Collection<String> ids) {
        Map<String, Set<String>> associated = new HashMap<>();
        complete(inBatches(crm, "", Operation.ASSOCIATED, ids, some -> CrmCall.associated(crm, from, to, some)))
                .forEach(pair -> associated.computeIfAbsent(pair.path("from").asText(), id -> new HashSet<>())
                        .add(pair.path("to").asText()));
        return associated;
    }

    private static Stream<JsonNode> complete(Answers<List<Batch>> answers) {
        if (answers.busy().isPresent()) {
            throw answers.busy().get();
        }
        return answers.given().stream().flatMap(batch -> batch.given().stream());
    }

    /**
     * One page of the records that have our key in this field; of each its id and that field.
     *
     * @param next what the page before gave as its next; null for the first
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public CrmPage keyed(Crm crm, String object, String field, JsonNode next) {
        return client.page(CrmCall.keyed(crm, object, field), next);
    }

    /**
     * One page of all records of an object, whoever made them.
     *
     * @param fieldNames what is asked of each
     * @param next       what the page before gave as its next; null for the first
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public CrmPage all(Crm crm, String object, Collection<String> fieldNames, JsonNode next) {
        return client.page(CrmCall.all(crm, object, fieldNames), next);
    }

    /**
     * To how many decimals the CRM rounds the numbers of an object, by field; empty where it doesn't say.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public Map<String, Integer> scales(Crm crm, String object) {
        Map<String, Integer> scales = new HashMap<>();
        client.call(CrmCall.fields(crm, object)).stream().filter(field -> field.path("scale").isInt()).forEach(field ->
                scales.put(field.path("name").asText(), field.get("scale").intValue()));
        return scales;
    }

    /** The child records of this record in the CRM: the lines of an order. */
    public List<CrmRecord> children(Crm crm, ChildMapping child, String parentId) {
        return client.call(CrmCall.children(crm, child.object(), parentId, child.fieldNames())).stream()
                .map(CrmRecord::of).toList();
    }

    private Answers<List<Batch>> readInBatches(Crm crm, String object, Set<String> fieldNames,
            Collection<String> ids) {
        Answers<List<Batch>> read =
                inBatches(crm, object, Operation.READ, ids, some -> CrmCall.read(crm, object, some, fieldNames));
        return read.busy().isPresent() || !crm.can(Operation.READ_ARCHIVED, object) ? read
                : withArchived(crm, object, fieldNames, read);
    }

    /** What users have put away is there all the same, and must not be made again. */
    private Answers<List<Batch>> withArchived(Crm crm, String object, Set<String> fieldNames,
            Answers<List<Batch>> read) {
        Set<String> asked = new HashSet<>(read.asked());
        Set<String> left = new TreeSet<>(asked);
        read.given().stream().flatMap(batch -> batch.given().stream()).map(CrmLookup::askedAs).forEach(left::remove);
        Answers<List<Batch>> archived = inBatches(crm, object, Operation.READ_ARCHIVED, left,
                some -> CrmCall.readArchived(crm, object, some, fieldNames));
        asked.removeAll(left);
        asked.addAll(archived.asked());
        return new Answers<>(Stream.concat(read.given().stream(), archived.given().stream()).toList(), asked,
                archived.busy());
    }

    private static String askedAs(JsonNode given) {
        return given.path("asked").asText(given.path("id").asText());
    }

    private Answers<List<Batch>> inBatches(Crm crm, String object, Operation operation, Collection<String> all,
            Function<List<String>, CrmCall> call) {
        return inBatches(crm, object, operation, all, Function.identity(), call);
    }

    /** @param asks the values that some of these ask for */
    private <T> Answers<List<Batch>> inBatches(Crm crm, String object, Operation operation, Collection<T> all,
            Function<List<T>, List<String>> asks, Function<List<T>, CrmCall> call) {
        List<Batch> batches = new ArrayList<>();
        Set<String> asked = new HashSet<>();
        List<T> values = all.stream().distinct().toList();
        int batch = values.isEmpty() ? 1 : crm.operations().batch(operation, object);
        for (int from = 0; from < values.size(); from += batch) {
            List<T> some = values.subList(from, Math.min(values.size(), from + batch));
            try {
                batches.add(new Batch(asks.apply(some), client.call(call.apply(some)), Instant.now()));
            } catch (CrmBusy e) {
                if (e.asksToWait()) {
                    return new Answers<>(batches, asked, Optional.of(e));
                }
                throw e;
            }
            asked.addAll(asks.apply(some));
        }
        return new Answers<>(batches, asked, Optional.empty());
    }
}
