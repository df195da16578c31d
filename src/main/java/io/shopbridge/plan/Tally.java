package io.shopbridge.plan;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.CrmLimits;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Projection;
import io.shopbridge.deliver.Projection.CallKind;
import io.shopbridge.deliver.Projection.Change;
import io.shopbridge.deliver.Projection.Fate;
import io.shopbridge.map.Owner;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a plan found of one kind of record in one CRM. It is kept as JSON between steps, and all its lists are bounded:
 * however many records there are, the mapping's fields and a few examples of each are all that it has.
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY, getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
final class Tally {

    private static final int EXAMPLES = 3;
    private static final int REASONS = 50;
    private static final int LONGEST = 200;
    private static final String OTHERS = "for other reasons";

    final String crm;
    final String entity;
    /** Whether the planned folder has no mapping of it any more, so that what the CRM has of it stays as it is. */
    private boolean unmapped;
    private long lookedAt;
    /** For certain. */
    private long written;
    /** Only if the CRM has certain values. */
    private long perhaps;
    /** Of these two, the records that the CRM does not have. */
    private long created;
    /** Of the records that are written or perhaps written, those that the running mappings write as well. */
    private long alsoNow;
    private long unchanged;
    private long skipped;
    private long refused;
    /** For parts of them, or for other records. */
    private long waiting;
    /** Not in the CRM for a reason that is none of the mapping's: waiting, held, or rejected there. */
    private long elsewhere;
    private final Map<String, FieldTally> fields = new TreeMap<>();
    private final Map<String, Reason> skips = new TreeMap<>();
    private final Map<String, Reason> refusals = new TreeMap<>();
    /** Fields that records go without, because their values are refused. */
    private final Map<String, Reason> leftOut = new TreeMap<>();
    /** Fields whose value must be unique, and which another record of the CRM has. */
    private final Map<String, Reason> clashes = new TreeMap<>();
    /** Elements of calls, by what is called. */
    private final Map<String, Elements> elements = new TreeMap<>();
    /** Records that have no call yet, since the CRM's values decide. */
    private long updates;
    /** At most: what depends on the CRM counts as written. */
    private long calls;
    /** How long the calls take at the CRM's limits; null: it names none. */
    private Long seconds;

    @JsonCreator
    Tally(@JsonProperty("crm") String crm, @JsonProperty("entity") String entity) {
        this.crm = crm;
        this.entity = entity;
    }

    /** Of a kind that only the running mappings have. */
    static Tally unmapped(String crm, String entity) {
        Tally tally = new Tally(crm, entity);
        tally.unmapped = true;
        return tally;
    }

    /** @param after JSON null clears the field */
    @JsonNaming(SnakeCaseStrategy.class)
    record Example(String store, String record, JsonNode before, JsonNode after) {
    }

    /** How many records have the field written. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
    static final class FieldTally {
        private String owner;
        private long written;
        private long perhaps;
        /** Of those that are perhaps written: the later of two edits wins, and the CRM may have one. */
        private long conflicts;
        private final List<Example> examples = new ArrayList<>();
    }

    /** How many records have a reason. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
    static final class Reason {
        private long records;
        /** Of them, those that do not have it by the running mappings. */
        private long newly;
        private final List<Example> examples = new ArrayList<>();
    }

    @JsonNaming(SnakeCaseStrategy.class)
    @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
    static final class Elements {
        private long count;
        private int batch;
        private String limit;
    }

    /**
     * Adds a record.
     *
     * @param now by the running mappings; null: they have none of its kind
     * @return whether apply marks it
     */
    boolean add(Projection planned, Projection now) {
        lookedAt++;
        planned.leftOut().forEach(field -> reason(leftOut, field, planned, null,
                now == null || !now.leftOut().contains(field)));
        planned.clashes().forEach(field -> reason(clashes, field, planned, null,
                now == null || !now.clashes().contains(field)));
        Fate before = now == null ? null : now.fate();
        switch (planned.fate()) {
            case SKIPPED -> {
                skipped++;
                planned.because().forEach(because -> reason(skips, because, planned, null, before != Fate.SKIPPED));
            }
            case REFUSED -> {
                refused++;
                planned.because().forEach(because -> reason(refusals, withoutValues(because), planned,
                        TextNode.valueOf(because), before != Fate.REFUSED));
            }
            case WAITING -> waiting++;
            case DELIVERED -> {
                if (!planned.linked() && before == Fate.DELIVERED) {
                    elsewhere++;
                    return false;
                }
                unchanged += planned.isChange() ? 0 : 1;
            }
        }
        if (!planned.isChange()) {
            return false;
        }
        written += planned.isCertain() ? 1 : 0;
        perhaps += planned.isCertain() ? 0 : 1;
        created += planned.linked() ? 0 : 1;
        alsoNow += now != null && now.isChange() ? 1 : 0;
        planned.changes().forEach(change -> field(planned.key(), change));
        planned.calls().forEach(this::call);
        updates += !planned.isCertain() && planned.calls().keySet().stream().noneMatch(kind ->
                kind.operation() == Operation.UPDATE || kind.operation() == Operation.UPSERT
                        || kind.operation() == Operation.CREATE) ? 1 : 0;
        return true;
    }

    private void field(RecordKey key, Change change) {
        FieldTally field = fields.computeIfAbsent(change.field(), name -> new FieldTally());
        field.owner = change.owner();
        field.written += change.certain() ? 1 : 0;
        field.perhaps += change.certain() ? 0 : 1;
        field.conflicts += !change.certain() && Owner.NEWEST_WINS.word().equals(change.owner()) ? 1 : 0;
        if (field.examples.size() < EXAMPLES) {
            field.examples.add(new Example(key.store(), key.toString(), shown(change.before()), shown(change.after())));
        }
    }

    /** The same sentence for all records that are refused for the same. */
    private static String withoutValues(String because) {
        return because.replaceAll("\"[^\"]*\"", "\"…\"").replaceFirst("^(\\w+)/\\S+: ", "$1: ");
    }

    private static void reason(Map<String, Reason> reasons, String because, Projection of, JsonNode said, boolean isNew) {
        String text = shortened(because);
        String name = reasons.containsKey(text) || reasons.size() < REASONS ? text : OTHERS;
        Reason reason = reasons.computeIfAbsent(name, one -> new Reason());
        reason.records++;
        reason.newly += isNew ? 1 : 0;
        if (isNew && reason.examples.size() < EXAMPLES) {
            reason.examples.add(new Example(of.key().store(), of.key().toString(), null, shown(said)));
        }
    }

    private void call(CallKind kind, int count) {
        Elements some = elements.computeIfAbsent((kind.operation() + " " + kind.object()).strip(), name -> new Elements());
        some.count += count;
        some.batch = kind.batch();
        some.limit = kind.limit();
    }

    /** What depends on the CRM, and so has no call yet, is an update. */
    void addUp(CrmLimits limits, CallKind update) {
        Map<String, Long> byLimit = new HashMap<>();
        elements.values().forEach(some -> byLimit.merge(some.limit, calls(some.count, some.batch), Long::sum));
        byLimit.merge(update.limit(), calls(updates, update.batch()), Long::sum);
        calls = byLimit.values().stream().mapToLong(Long::longValue).sum();
        seconds = byLimit.entrySet().stream().map(one -> seconds(limits, one.getKey(), one.getValue()))
                .filter(Objects::nonNull).max(Long::compare).orElse(null);
    }

    private static long calls(long count, int batch) {
        return (count + batch - 1) / batch;
    }

    private static Long seconds(CrmLimits limits, String limit, long calls) {
        CrmLimits.Group group = limit.isEmpty() || limits.groups() == null ? null : limits.groups().get(limit);
        Integer requests = group == null ? limits.requests() : group.requests();
        Duration period = group == null ? limits.period() : group.period();
        return requests == null || period == null || requests == 0 ? null
                : (calls * period.toMillis() / requests + 999) / 1000;
    }

    private static JsonNode shown(JsonNode value) {
        return value != null && value.isTextual() ? TextNode.valueOf(shortened(value.textValue()))
                : value != null && value.isContainerNode() ? TextNode.valueOf(shortened(value.toString())) : value;
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
