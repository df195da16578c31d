package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.EmailAddresses;
import io.shopbridge.map.MatchKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Index of a CRM's listed records by key: which records may have a key. A result is read before it counts, so a record
 * that was deleted or changed since does no harm. Safe for several threads.
 */
final class Listing {

    /** What national and international notations of one phone have in common. */
    private static final int LAST_DIGITS = 7;

    private static final Pattern EXTENSION = Pattern.compile("(x|ext|#|;).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** @param phone whether the value is the end of a phone number */
    private record Value(String field, String text, boolean phone) {
    }

    private final Collection<String> fields;
    private final Map<Value, Set<String>> ids = new HashMap<>();
    private final Map<String, Set<Value>> values = new HashMap<>();
    private final Instant begun = Instant.now();
    private Instant latest = Instant.EPOCH;

    /** @param fields the fields by which records are looked for */
    Listing(Collection<String> fields) {
        this.fields = Set.copyOf(fields);
    }

    /** Adds or updates a record. */
    synchronized void add(CrmRecord record) {
        values.getOrDefault(record.id(), Set.of()).forEach(before -> ids.get(before).remove(record.id()));
        Set<Value> now = new HashSet<>();
        for (String field : fields) {
            for (String text : texts(record.values().fields().get(field))) {
                now.add(new Value(field, plain(text), false));
                now.add(new Value(field, digits(text), true));
            }
        }
        values.put(record.id(), now);
        now.forEach(value -> ids.computeIfAbsent(value, any -> new HashSet<>()).add(record.id()));
        Instant time = record.values().updatedAt();
        latest = time != null && time.isAfter(latest) ? time : latest;
    }

    /** The records that may have this key. */
    synchronized Set<String> ids(MatchKey key) {
        Value value = key.phone() ? new Value(key.field(), digits(key.value()), true)
                : new Value(key.field(), plain(key.value()), false);
        return Set.copyOf(ids.getOrDefault(value, Set.of()));
    }

    synchronized int size() {
        return values.size();
    }

    Instant begun() {
        return begun;
    }

    /** The latest change that was listed, by the CRM's clock. */
    Instant latest() {
        return latest;
    }

    /** Whether records are looked for by these fields. */
    boolean isBy(Collection<String> others) {
        return fields.equals(Set.copyOf(others));
    }

    /** Some CRMs answer a list of values or of {value: …}. */
    private static List<String> texts(JsonNode value) {
        List<String> texts = new ArrayList<>();
        if (value != null && value.isArray()) {
            value.forEach(element -> texts.addAll(texts(element.isObject() ? element.get("value") : element)));
        } else if (value != null && !value.isNull() && !value.asText().isBlank()) {
            texts.add(value.asText());
        }
        return texts;
    }

    private static String plain(String text) {
        return text.indexOf('@') < 0 ? text.strip().toLowerCase(Locale.ROOT) : EmailAddresses.compared(text);
    }

    private static String digits(String text) {
        String digits = EXTENSION.matcher(text).replaceFirst("").replaceAll("[^0-9]", "");
        return digits.substring(Math.max(0, digits.length() - LAST_DIGITS));
    }
}
