package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import io.shopbridge.sandbox.server.Refused;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One SOQL query: {@code SELECT fields | COUNT() FROM object WHERE … ORDER BY … LIMIT … OFFSET …}, with the fields of
 * parents by {@code Account.Name}. Subqueries, functions, aggregates and date literals such as TODAY are not known.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl">SOQL reference</a>
 */
final class Soql {

    private static final Pattern TOKEN = Pattern.compile("\\s*('(?:[^'\\\\]++|\\\\.)*+'|<=|>=|!=|<>|[=<>(),]"
            + "|[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9A-Za-z:.+-]*|[-+]?[0-9][0-9.]*|[A-Za-z_][\\w.]*)");
    private static final Set<String> COMPARISONS = Set.of("=", "!=", "<>", "<", ">", "<=", ">=");

    private enum Literal { TEXT, NUMBER, DATE, DATETIME, BOOLEAN, NULL }

    private record Value(Literal literal, String text) {
    }

    /** A field of the object, or of a parent reached through reference fields. */
    private record Path(List<Field> references, Field field) {
    }

    private record Order(Path path, boolean descending, boolean nullsLast) {
    }

    private final Schema schema;
    private final Records records;
    private final List<String> tokens = new ArrayList<>();
    private int at;
    private String object;
    private boolean count;
    private final List<Path> selected = new ArrayList<>();
    private Predicate<Stored> condition = stored -> true;
    private final List<Order> orders = new ArrayList<>();
    private List<Stored> candidates;
    private int limit = Integer.MAX_VALUE;
    private int offset;

    /** @throws Refused if it is not a query, or names what is not there */
    Soql(String query, Schema schema, Records records) {
        this.schema = schema;
        this.records = records;
        Matcher matcher = TOKEN.matcher(query);
        int end = 0;
        while (matcher.lookingAt()) {
            tokens.add(matcher.group(1));
            end = matcher.end();
            matcher.region(end, query.length());
        }
        if (!query.substring(end).isBlank()) {
            throw Errors.malformedQuery("unexpected token: '" + query.substring(end).strip() + "'");
        }
        parse();
    }

    boolean isCount() {
        return count;
    }

    String object() {
        return object;
    }

    /** All that match, in order. */
    List<Stored> run(boolean deletedToo) {
        Stream<Stored> from = candidates == null || deletedToo ? records.all(object, deletedToo)
                : candidates.stream();
        Stream<Stored> found = from.filter(condition);
        Comparator<Stored> comparator = null;
        for (Order order : orders) {
            Comparator<Stored> one = (a, b) -> {
                JsonNode left = value(a, order.path());
                JsonNode right = value(b, order.path());
                if (left.isNull() || right.isNull()) {
                    int nulls = Boolean.compare(left.isNull(), right.isNull());
                    return order.nullsLast() ? nulls : -nulls;
                }
                return order.descending() ? compare(right, left) : compare(left, right);
            };
            comparator = comparator == null ? one : comparator.thenComparing(one);
        }
        if (comparator != null) {
            found = found.sorted(comparator);
        }
        return found.skip(offset).limit(limit).toList();
    }

    /** A record as the query shows it, with the fields that it selects. */
    ObjectNode view(Stored stored, String base) {
        ObjectNode view = view(object, stored, base);
        for (Path path : selected) {
            ObjectNode into = view;
            Stored present = stored;
            String presentObject = object;
            for (Field reference : path.references()) {
                Stored parent = parent(present, presentObject, reference);
                if (parent == null) {
                    into.putNull(reference.relationship());
                    into = null;
                    break;
                }
                presentObject = schema.objectOf(parent.id());
                if (!into.has(reference.relationship())) {
                    into.set(reference.relationship(), view(presentObject, parent, base));
                }
                into = (ObjectNode) into.get(reference.relationship());
                present = parent;
            }
            if (into != null) {
                into.set(path.field().name(), records.value(presentObject, present, path.field()));
            }
        }
        return view;
    }

    private static ObjectNode view(String object, Stored stored, String base) {
        ObjectNode view = Json.object();
        view.putObject("attributes").put("type", object).put("url", base + "/sobjects/" + object + "/" + stored.id());
        return view;
    }

    private Stored parent(Stored stored, String of, Field reference) {
        JsonNode id = records.value(of, stored, reference);
        return id.isNull() ? null : records.any(schema.objectOf(id.asText()), id.asText());
    }

    private JsonNode value(Stored stored, Path path) {
        Stored present = stored;
        String presentObject = object;
        for (Field reference : path.references()) {
            present = parent(present, presentObject, reference);
            if (present == null) {
                return NullNode.getInstance();
            }
            presentObject = schema.objectOf(present.id());
        }
        return records.value(presentObject, present, path.field());
    }

    private void parse() {
        expect("SELECT");
        List<String> names = new ArrayList<>();
        if (isNext("COUNT")) {
            expect("COUNT");
            expect("(");
            expect(")");
            count = true;
        } else {
            do {
                names.add(word());
            } while (accept(","));
        }
        expect("FROM");
        String given = word();
        object = schema.object(given);
        if (object == null) {
            throw Errors.refused(400, "INVALID_TYPE", "sObject type '" + given + "' is not supported. If you "
                    + "are attempting to use a custom object, be sure to append the '__c' after the entity name.");
        }
        names.forEach(name -> selected.add(path(name)));
        if (accept("WHERE")) {
            condition = either(true);
        }
        if (accept("ORDER")) {
            expect("BY");
            do {
                order();
            } while (accept(","));
        }
        if (accept("LIMIT")) {
            limit = number();
        }
        if (accept("OFFSET")) {
            offset = number();
            if (offset > 2_000) {
                throw Errors.refused(400, "NUMBER_OUTSIDE_VALID_RANGE",
                        "Maximum SOQL offset allowed is 2000");
            }
        }
        if (at < tokens.size()) {
            throw unexpected();
        }
    }

    private void order() {
        Path path = path(word());
        requireFilterable(path.field(), "sorted");
        boolean descending = !accept("ASC") && accept("DESC");
        boolean nullsLast = false;
        if (accept("NULLS")) {
            nullsLast = !accept("FIRST");
            if (nullsLast) {
                expect("LAST");
            }
        }
        orders.add(new Order(path, descending, nullsLast));
    }

    // AND and OR may not be mixed without brackets, as in Salesforce.
    private Predicate<Stored> either(boolean top) {
        Predicate<Stored> result = term(top);
        String joined = null;
        while (isNext("AND") || isNext("OR")) {
            String word = tokens.get(at++).toUpperCase(Locale.ROOT);
            if (joined != null && !joined.equals(word)) {
                throw Errors.malformedQuery("unexpected token: '" + tokens.get(at - 1)
                        + "': AND and OR need brackets when they are mixed");
            }
            joined = word;
            if (word.equals("OR")) {
                candidates = null;
            }
            Predicate<Stored> next = term(top && word.equals("AND"));
            result = word.equals("AND") ? result.and(next) : result.or(next);
        }
        return result;
    }

    private Predicate<Stored> term(boolean top) {
        if (accept("NOT")) {
            return term(false).negate();
        }
        if (accept("(")) {
            Predicate<Stored> inner = either(false);
            expect(")");
            return inner;
        }
        Path path = path(word());
        requireFilterable(path.field(), "filtered");
        if (accept("LIKE")) {
            Value pattern = literal();
            check(path.field(), pattern);
            return like(path, pattern.text());
        }
        boolean not = accept("NOT");
        if (not || isNext("IN")) {
            expect("IN");
            List<Value> values = list();
            values.forEach(value -> check(path.field(), value));
            if (!not && top) {
                index(path, values);
            }
            Set<String> texts = new HashSet<>();
            values.forEach(value -> texts.add(key(path.field(), value)));
            return stored -> {
                JsonNode present = value(stored, path);
                return texts.contains(present.isNull() ? null : key(present)) != not;
            };
        }
        String comparison = at < tokens.size() ? tokens.get(at++) : "";
        if (!COMPARISONS.contains(comparison)) {
            at--;
            throw unexpected();
        }
        Value value = literal();
        check(path.field(), value);
        if (comparison.equals("=") && top) {
            index(path, List.of(value));
        }
        return compared(path, comparison, value);
    }

    private Predicate<Stored> compared(Path path, String comparison, Value value) {
        String wanted = key(path.field(), value);
        return switch (comparison) {
            case "=" -> stored -> equal(value(stored, path), wanted);
            case "!=", "<>" -> stored -> !equal(value(stored, path), wanted);
            default -> stored -> {
                JsonNode present = value(stored, path);
                if (present.isNull() || wanted == null) {
                    return false;
                }
                int difference = compare(path.field(), key(present), wanted);
                return switch (comparison) {
                    case "<" -> difference < 0;
                    case "<=" -> difference <= 0;
                    case ">" -> difference > 0;
                    default -> difference >= 0;
                };
            };
        };
    }

    private static boolean equal(JsonNode present, String wanted) {
        return present.isNull() ? wanted == null : key(present).equals(wanted);
    }

    private Predicate<Stored> like(Path path, String pattern) {
        StringBuilder regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
        }
        Pattern compiled = Pattern.compile(regex.toString(),
                Pattern.CASE_INSENSITIVE | Pattern.DOTALL | Pattern.UNICODE_CASE);
        return stored -> compiled.matcher(value(stored, path).asText("")).matches();
    }

    // Equality on an indexed field narrows the search, as long as every other condition is joined by AND.
    private void index(Path path, List<Value> values) {
        String field = path.field().name();
        boolean nulls = values.stream().anyMatch(value -> value.literal() == Literal.NULL);
        if (!path.references().isEmpty() || nulls || candidates != null) {
            return;
        }
        Set<Stored> found = new LinkedHashSet<>();
        for (Value value : values) {
            if (field.equals("Id")) {
                Stored stored = records.any(object, value.text());
                if (stored != null && !Records.isDeleted(stored)) {
                    found.add(stored);
                }
            } else if (records.indexed(object, field)) {
                found.addAll(records.find(object, field, key(path.field(), value)));
            } else {
                return;
            }
        }
        candidates = new ArrayList<>(found);
    }

    private static int compare(Field field, String present, String wanted) {
        return field.kind().isNumber() ? new BigDecimal(present).compareTo(new BigDecimal(wanted))
                : present.compareTo(wanted);
    }

    private static int compare(JsonNode left, JsonNode right) {
        return left.isNumber() ? left.decimalValue().compareTo(right.decimalValue())
                : key(left).compareTo(key(right));
    }

    private static String key(JsonNode present) {
        return present.isNumber() ? present.decimalValue().stripTrailingZeros().toPlainString()
                : present.asText().toLowerCase(Locale.ROOT);
    }

    private static String key(Field field, Value value) {
        return switch (value.literal()) {
            case NULL -> null;
            case NUMBER -> new BigDecimal(value.text()).stripTrailingZeros().toPlainString();
            case DATETIME -> Field.time(Field.instant(value.text()).toEpochMilli())
                    .toLowerCase(Locale.ROOT);
            default -> field.kind() == Field.Kind.ID || field.kind() == Field.Kind.REFERENCE
                    ? Ids.whole(value.text()).toLowerCase(Locale.ROOT)
                    : value.text().toLowerCase(Locale.ROOT);
        };
    }

    private void check(Field field, Value value) {
        if (value.literal() == Literal.NULL) {
            return;
        }
        Literal wanted = switch (field.kind()) {
            case BOOLEAN -> Literal.BOOLEAN;
            case INT, DOUBLE, CURRENCY -> Literal.NUMBER;
            case DATE -> Literal.DATE;
            case DATETIME -> Literal.DATETIME;
            default -> Literal.TEXT;
        };
        if (wanted != value.literal()) {
            throw Errors.refused(400, "INVALID_FIELD", "value of filter criterion for field '" + field.name()
                    + "' must be of type " + (wanted == Literal.TEXT ? "string and should be enclosed in quotes"
                    : wanted.name().toLowerCase(Locale.ROOT) + " and should not be enclosed in quotes"));
        }
        boolean id = field.kind() == Field.Kind.ID || field.kind() == Field.Kind.REFERENCE;
        if (id && !value.text().matches("[0-9A-Za-z]{15}|[0-9A-Za-z]{18}")) {
            throw Errors.refused(400, "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: " + value.text());
        }
    }

    private void requireFilterable(Field field, String what) {
        if (field.isLong()) {
            throw Errors.refused(400, "INVALID_FIELD", "field '" + field.name() + "' can not be " + what
                    + " in a query call");
        }
    }

    private Path path(String name) {
        List<Field> references = new ArrayList<>();
        String present = object;
        String[] parts = name.split("\\.");
        int first = parts.length > 1 && parts[0].equalsIgnoreCase(object) ? 1 : 0;
        for (int i = first; i < parts.length - 1; i++) {
            Field reference = schema.relationship(present, parts[i]);
            if (reference == null) {
                throw Errors.refused(400, "INVALID_FIELD", "Didn't understand relationship '" + parts[i]
                        + "' in field path. If you are attempting to use a custom relationship, be sure to append the "
                        + "'__r' after the custom relationship name.");
            }
            references.add(reference);
            present = reference.values().get(0);
        }
        Field field = schema.field(present, parts[parts.length - 1]);
        if (field == null) {
            throw Errors.refused(400, "INVALID_FIELD", "No such column '" + parts[parts.length - 1]
                    + "' on entity '" + present + "'. If you are attempting to use a custom field, be sure to append "
                    + "the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
                    + "appropriate names.");
        }
        return new Path(references, field);
    }

    private List<Value> list() {
        expect("(");
        List<Value> values = new ArrayList<>();
        do {
            values.add(literal());
        } while (accept(","));
        expect(")");
        return values;
    }

    private Value literal() {
        String token = at < tokens.size() ? tokens.get(at++) : "";
        if (token.startsWith("'")) {
            return new Value(Literal.TEXT, unescaped(token.substring(1, token.length() - 1)));
        }
        if (token.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
            return new Value(Literal.DATE, token);
        }
        if (token.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T.+")) {
            try {
                Field.instant(token);
                return new Value(Literal.DATETIME, token);
            } catch (DateTimeException e) {
                throw Errors.malformedQuery("line 1: invalid datetime '" + token + "'");
            }
        }
        if (token.matches("[-+]?[0-9]+(\\.[0-9]+)?")) {
            return new Value(Literal.NUMBER, token);
        }
        return switch (token.toLowerCase(Locale.ROOT)) {
            case "true", "false" -> new Value(Literal.BOOLEAN, token);
            case "null" -> new Value(Literal.NULL, null);
            default -> {
                at = Math.max(0, at - 1);
                throw unexpected();
            }
        };
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                char next = text.charAt(++i);
                plain.append(switch (Character.toLowerCase(next)) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case '\'', '"', '\\', '_', '%' -> next;
                    default -> throw Errors.malformedQuery("Illegal escape sequence '\\" + next + "'");
                });
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    private int number() {
        String word = at < tokens.size() ? tokens.get(at++) : "";
        if (!word.matches("[0-9]{1,9}")) {
            at--;
            throw unexpected();
        }
        return Integer.parseInt(word);
    }

    private String word() {
        if (at >= tokens.size() || !Character.isLetter(tokens.get(at).charAt(0))) {
            throw unexpected();
        }
        return tokens.get(at++);
    }

    private boolean isNext(String word) {
        return at < tokens.size() && tokens.get(at).equalsIgnoreCase(word);
    }

    private boolean accept(String word) {
        if (isNext(word)) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String word) {
        if (!accept(word)) {
            throw unexpected();
        }
    }

    private Refused unexpected() {
        return Errors.malformedQuery("unexpected token: '" + (at < tokens.size() ? tokens.get(at) : "<EOF>")
                + "'");
    }

    /** The page of records from {@code first} on, as the answer's {@code records}. */
    ArrayNode page(List<Stored> page, String base) {
        ArrayNode array = Json.array();
        page.forEach(stored -> array.add(view(stored, base)));
        return array;
    }
}
