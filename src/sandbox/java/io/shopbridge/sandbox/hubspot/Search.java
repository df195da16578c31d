package io.shopbridge.sandbox.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.hubspot.Properties.Type;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The search endpoint: groups of filters are or-ed, the filters of a group and-ed.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/search/guide">Search</a>
 */
final class Search {

    private static final int MOST_RESULTS = 10_000;
    /** See https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm */
    private static final int LONGEST_BODY = 3_000;

    /** A page of hits. */
    record Page(List<Stored> hits, int total, Integer after) {
    }

    private final String object;
    private final Properties properties;
    private final BiFunction<Stored, String, String> value;

    Search(String object, Properties properties, BiFunction<Stored, String, String> value) {
        this.object = object;
        this.properties = properties;
        this.value = value;
    }

    Page search(JsonNode wanted, Collection<Stored> visible) {
        check(wanted);
        int limit = wanted.get("limit").asInt();
        int from = after(wanted.get("after"));
        if (from + limit > MOST_RESULTS) {
            throw Errors.invalid("Search returns at most " + MOST_RESULTS + " results; narrow the filters");
        }
        List<Stored> hits = new ArrayList<>();
        for (Stored stored : visible) {
            if (matches(stored, wanted.get("filterGroups"))) {
                hits.add(stored);
            }
        }
        hits.sort(order(wanted.get("sorts")));
        int to = Math.min(from + limit, hits.size());
        List<Stored> page = from >= to ? List.of() : hits.subList(from, to);
        return new Page(page, hits.size(), to < hits.size() ? to : null);
    }

    private void check(JsonNode wanted) {
        if (wanted.toString().length() > LONGEST_BODY) {
            throw Errors.invalid("The body of a search may have at most " + LONGEST_BODY + " characters");
        }
        for (String member : List.of("after", "filterGroups", "limit", "properties", "sorts")) {
            if (!wanted.has(member)) {
                throw Errors.invalid("Invalid input JSON: some required fields were not set: [" + member + "]");
            }
        }
        int limit = wanted.get("limit").asInt(-1);
        if (limit < 1 || limit > 200) {
            throw Errors.invalid("limit must be between 1 and 200");
        }
        JsonNode groups = wanted.get("filterGroups");
        int filters = 0;
        for (JsonNode group : groups) {
            if (group.path("filters").size() > 6) {
                throw Errors.invalid("A filter group may have at most 6 filters");
            }
            filters += group.path("filters").size();
            group.path("filters").forEach(this::checkFilter);
        }
        if (groups.size() > 5 || filters > 18) {
            throw Errors.invalid("At most 5 filter groups and 18 filters are allowed");
        }
        if (wanted.get("sorts").size() > 1) {
            throw Errors.invalid("Only one sort is allowed");
        }
    }

    private void checkFilter(JsonNode filter) {
        String name = filter.path("propertyName").asText();
        if (!properties.defines(object, name)) {
            throw Errors.invalid("There was a problem with the request: property \"" + name
                    + "\" does not exist");
        }
        String operator = filter.path("operator").asText();
        boolean hasWhatItNeeds = switch (operator) {
            case "IN", "NOT_IN" -> filter.path("values").isArray() && !filter.path("values").isEmpty();
            case "EQ", "NEQ", "GT", "GTE", "LT", "LTE" -> filter.path("value").isTextual();
            case "BETWEEN" -> filter.path("value").isTextual() && filter.path("highValue").isTextual();
            case "HAS_PROPERTY", "NOT_HAS_PROPERTY" -> true;
            default -> throw Errors.invalid("Operator \"" + operator + "\" is not one this simulator knows");
        };
        if (!hasWhatItNeeds) {
            throw Errors.invalid("The filter on \"" + name + "\" lacks the value(s) that " + operator
                    + " needs");
        }
    }

    private int after(JsonNode after) {
        String text = after.asText();
        if (after.isNull() || text.isEmpty()) {
            return 0;
        }
        if (!text.matches("\\d{1,6}")) {
            throw Errors.invalid("after must be what the previous page gave");
        }
        return Integer.parseInt(text);
    }

    private boolean matches(Stored stored, JsonNode groups) {
        if (groups.isEmpty()) {
            return true;
        }
        for (JsonNode group : groups) {
            boolean all = true;
            for (JsonNode filter : group.path("filters")) {
                all = all && matchesFilter(stored, filter);
            }
            if (all) {
                return true;
            }
        }
        return false;
    }

    private boolean matchesFilter(Stored stored, JsonNode filter) {
        String name = filter.get("propertyName").asText();
        String has = value.apply(stored, name);
        String wanted = filter.path("value").asText();
        return switch (filter.get("operator").asText()) {
            case "HAS_PROPERTY" -> has != null;
            case "NOT_HAS_PROPERTY" -> has == null;
            case "NEQ" -> has == null || compare(has, wanted) != 0;
            case "IN" -> has != null && isAmong(has, filter.get("values"), properties.type(object, name));
            case "NOT_IN" -> has == null || !isAmong(has, filter.get("values"), properties.type(object, name));
            case "EQ" -> has != null && compare(has, wanted) == 0;
            case "GT" -> has != null && compare(has, wanted) > 0;
            case "GTE" -> has != null && compare(has, wanted) >= 0;
            case "LT" -> has != null && compare(has, wanted) < 0;
            case "LTE" -> has != null && compare(has, wanted) <= 0;
            default -> has != null && compare(has, wanted) >= 0
                    && compare(has, filter.get("highValue").asText()) <= 0;
        };
    }

    // HubSpot's index of texts is in lower case, and values of IN are compared as they are, while options keep their
    // case: https://developers.hubspot.com/docs/api-reference/search/guide
    private static boolean isAmong(String has, JsonNode values, Type type) {
        String indexed = type == Type.ENUM || type == Type.CURRENCY ? has : has.toLowerCase(Locale.ROOT);
        for (JsonNode value : values) {
            if (indexed.equals(value.asText()) || isNumberOrTime(type) && compare(has, value.asText()) == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNumberOrTime(Type type) {
        return Set.of(Type.NUMBER, Type.INTEGER, Type.DATE, Type.DATETIME).contains(type);
    }

    // A stored time is ISO 8601 while filters may give milliseconds, and "10.0" equals "10".
    private static int compare(String has, String wanted) {
        if (has.endsWith("Z")) {
            Instant left = Properties.time(has);
            Instant right = Properties.time(wanted);
            if (left != null && right != null) {
                return left.compareTo(right);
            }
        }
        if (Properties.isNumber(has) && Properties.isNumber(wanted)) {
            return new BigDecimal(has).compareTo(new BigDecimal(wanted));
        }
        return has.compareToIgnoreCase(wanted);
    }

    private Comparator<Stored> order(JsonNode sorts) {
        Comparator<Stored> byNumber = Comparator.comparingLong(Stored::number);
        if (sorts.isEmpty()) {
            return byNumber;
        }
        JsonNode sort = sorts.get(0);
        String text = sort.isTextual() ? sort.asText() : sort.path("propertyName").asText();
        boolean down = text.startsWith("-") || sort.path("direction").asText().equals("DESCENDING");
        String name = text.startsWith("-") ? text.substring(1) : text;
        if (!properties.defines(object, name)) {
            throw Errors.invalid("Cannot sort by \"" + name + "\": there is no such property");
        }
        Comparator<Stored> byValue = Comparator.comparing(stored -> value.apply(stored, name),
                Comparator.nullsLast(Search::compare));
        return (down ? byValue.reversed() : byValue).thenComparing(byNumber);
    }
}
