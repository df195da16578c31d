package io.shopbridge.sandbox.shop;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shopify's search syntax: terms with comparators, joined by spaces or AND, by OR, negated by NOT or a hyphen, grouped
 * by parentheses. A field that Shopify does not know there is no error: it is left out, so that everything matches, and
 * only a warning tells.
 *
 * @param <T> what is searched
 * @see <a href="https://shopify.dev/docs/api/usage/search-syntax">Search syntax</a>
 */
final class SearchQuery<T> {

    /** What Shopify's list of a field's filters names. */
    interface Fields<T> {

        Set<String> valid();

        /** An Instant, a number, a text, a truth, or a list of texts; null has no value. */
        Object value(T one, String field);

        /** Whether a filter of a time compares days of the shop, and not moments. */
        default boolean isByDay(String field) {
            return false;
        }
    }

    /** A value that a filter can't have. */
    static final class Invalid extends RuntimeException {
        Invalid(String message) {
            super(message, null, false, false);
        }
    }

    /** A term that was left out. */
    record Warning(String field, String comparator, String value) {
    }

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:(\\()|(\\))|(-?)(?:([a-z_]+):(<=|>=|<|>)?)?(?:'([^']*)'|\"([^\"]*)\"|([^\\s()]+)))");

    private final Matcher tokens;
    private final Fields<T> fields;
    private final ZoneId zone;
    private final Instant now;
    private final List<Warning> warnings = new ArrayList<>();
    private MatchResult token;

    private SearchQuery(String text, Fields<T> fields, ZoneId zone, Instant now) {
        this.tokens = TOKEN.matcher(text);
        this.fields = fields;
        this.zone = zone;
        this.now = now;
    }

    /** A query that was read. */
    record Read<T>(Predicate<T> matches, List<Warning> warnings) {
    }

    /**
     * Reads a query.
     *
     * @param zone of the shop: a day without a time is that zone's
     * @param now what the word {@code now} means
     * @throws Invalid if a filter of a time has no time
     */
    static <T> Read<T> read(String text, Fields<T> fields, ZoneId zone, Instant now) {
        if (text == null || text.isBlank()) {
            return new Read<>(one -> true, List.of());
        }
        SearchQuery<T> query = new SearchQuery<>(text.strip(), fields, zone, now);
        query.advance();
        return new Read<>(query.either(), List.copyOf(query.warnings));
    }

    private void advance() {
        token = tokens.lookingAt() ? tokens.toMatchResult() : null;
        if (token != null) {
            tokens.region(token.end(), tokens.regionEnd());
        }
    }

    private boolean isWord(String word) {
        return token != null && token.group(4) == null && word.equals(token.group(8));
    }

    private Predicate<T> either() {
        Predicate<T> one = all();
        while (isWord("OR")) {
            advance();
            one = one.or(all());
        }
        return one;
    }

    private Predicate<T> all() {
        Predicate<T> one = every -> true;
        while (token != null && !isWord("OR") && token.group(2) == null) {
            if (isWord("AND")) {
                advance();
            } else {
                one = one.and(single());
            }
        }
        return one;
    }

    private Predicate<T> single() {
        if (isWord("NOT")) {
            advance();
            return single().negate();
        }
        if (token.group(1) != null) {
            advance();
            Predicate<T> inside = either();
            advance();
            return inside;
        }
        boolean negated = "-".equals(token.group(3));
        String field = token.group(4);
        String comparator = token.group(5) == null ? "" : token.group(5);
        String value = token.group(6) != null ? token.group(6)
                : token.group(7) != null ? token.group(7) : token.group(8);
        advance();
        if (field == null) {
            throw new UnsupportedOperationException("The simulated shop has no full-text search, as for " + value);
        }
        if (!fields.valid().contains(field)) {
            warnings.add(new Warning(field, comparator, value));
            return every -> true;
        }
        Predicate<T> term = term(field, comparator, value);
        return negated ? term.negate() : term;
    }

    private Predicate<T> term(String field, String comparator, String value) {
        if (field.endsWith("_at") || field.endsWith("_date")) {
            Instant wanted = time(field, value);
            return one -> fields.value(one, field) instanceof Instant time && holds(comparator, fields.isByDay(field)
                    ? LocalDate.ofInstant(time, zone).compareTo(LocalDate.ofInstant(wanted, zone))
                    : time.compareTo(wanted));
        }
        Set<String> any = Set.of(value.toLowerCase(Locale.ROOT).split(","));
        return one -> {
            Object found = fields.value(one, field);
            if (found instanceof Number number) {
                return holds(comparator, new BigDecimal(number.toString()).compareTo(new BigDecimal(value)));
            }
            if (found instanceof Collection<?> several) {
                return several.stream().anyMatch(each -> any.contains(lower(each)));
            }
            return found == null ? value.isEmpty() : any.contains(lower(found));
        };
    }

    private static String lower(Object value) {
        return value.toString().toLowerCase(Locale.ROOT);
    }

    private static boolean holds(String comparator, int compared) {
        return switch (comparator) {
            case "<" -> compared < 0;
            case "<=" -> compared <= 0;
            case ">" -> compared > 0;
            case ">=" -> compared >= 0;
            default -> compared == 0;
        };
    }

    private Instant time(String field, String value) {
        if (value.equals("now")) {
            return now;
        }
        List<Function<String, Instant>> readings = List.of(text -> OffsetDateTime.parse(text).toInstant(),
                text -> LocalDateTime.parse(text).atZone(zone).toInstant(),
                text -> LocalDate.parse(text).atStartOfDay(zone).toInstant());
        for (Function<String, Instant> reading : readings) {
            try {
                return reading.apply(value);
            } catch (DateTimeException another) {
                continue;
            }
        }
        throw new Invalid("Invalid timestamp for query filter `" + field + "`.");
    }

    /** The body of a warning, as Shopify writes it under {@code extensions.search}. */
    static Map<String, Object> warning(List<Object> path, String query, Warning warning) {
        String match = switch (warning.comparator()) {
            case "<" -> "lt";
            case "<=" -> "lte";
            case ">" -> "gt";
            case ">=" -> "gte";
            default -> "match_all";
        };
        return Map.of("path", path, "query", query,
                "parsed", Map.of("field", warning.field(), match, warning.value()),
                "warnings", List.of(Map.of("field", warning.field(), "message", "Invalid search field for this query.",
                        "code", "invalid_field")));
    }
}
