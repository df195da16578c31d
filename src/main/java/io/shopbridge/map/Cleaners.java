package io.shopbridge.map;

import io.shopbridge.store.Countries;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The cleaners by name. */
final class Cleaners {

    /** Two letters that people and the European Union write for countries that ISO calls otherwise. */
    private static final Map<String, String> SAME_COUNTRY = Map.of("UK", "GB", "EL", "GR");
    /** ISO 8601 as Shopify and the CRMs write it: "T" or a blank, seconds optional, offset with or without colon. */
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder().parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE).appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[ ][XXX][XX][X]['[']").toFormatter(Locale.ROOT);

    private static final int LAST_YEAR = 9999;

    /** Also the no-break spaces that come with copied text. */
    private static final Pattern EDGES = Pattern.compile("^[\\s\\p{Z}]+|[\\s\\p{Z}]+$");

    private static final Map<String, Cleaner> PLAIN = new TreeMap<>(Map.of(
            "trim", texts(text -> EDGES.matcher(text).replaceAll("")),
            "lower", texts(text -> text.toLowerCase(Locale.ROOT)),
            "upper", texts(text -> text.toUpperCase(Locale.ROOT)),
            "email", (value, context, mended) -> email(value),
            "phone", (value, context, mended) -> phone(value, context),
            "decimal", (value, context, mended) -> Values.NODES.textNode(number(value).toPlainString()),
            "integer", (value, context, mended) -> integer(value),
            "boolean", (value, context, mended) -> bool(value),
            "date", (value, context, mended) -> Values.NODES.textNode(instant(value).toString()),
            "country", (value, context, mended) -> country(value)));

    static {
        PLAIN.put("day", (value, context, mended) -> Values.NODES.textNode(day(value, context.timeZone()).toString()));
        PLAIN.put("number", (value, context, mended) -> Values.NODES.numberNode(number(value)));
    }

    private static final int DAY_LENGTH = "2026-01-31".length();

    private Cleaners() {
    }

    /**
     * The cleaner of this name and arguments.
     *
     * @param lengths how the CRM counts what {@code max-length} is about
     * @throws IllegalArgumentException whose message says what would be right
     */
    static Cleaner named(String text, TextLengths lengths) {
        String[] words = text.strip().split("\\s+", 2);
        String argument = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "max-length":
                return maxLength(argument, lengths);
            case "join":
                return join(argument);
            case "money":
                return money(argument, "amount", "amount");
            case "currency":
                return money(argument, "currency", "currency_code");
            case "text":
                if (argument.isEmpty()) {
                    return (value, context, mended) -> Values.NODES.textNode(asText(value, ", "));
                }
                break;
            default:
        }
        Cleaner cleaner = PLAIN.get(words[0]);
        if (cleaner == null) {
            List<String> legal = new ArrayList<>(PLAIN.keySet());
            legal.addAll(List.of("currency shop", "join", "max-length 80", "money shop", "text"));
            throw new IllegalArgumentException(Nearest.advice(text, legal));
        }
        return switch (argument) {
            case "" -> cleaner;
            case "or-none" -> otherwise(cleaner, value -> NullNode.getInstance());
            case "or-as-is" -> otherwise(cleaner, value -> value.isTextual()
                    ? Values.NODES.textNode(value.textValue().strip()) : value);
            default -> throw new IllegalArgumentException(
                    "write " + words[0] + ", " + words[0] + " or-none, or " + words[0] + " or-as-is");
        };
    }

    /** A decimal number from a number or its text, exact. */
    static BigDecimal number(JsonNode value) throws Refused {
        return Numbers.decimal(value).orElseThrow(() -> new Refused(quoted(value) + " is not a number"));
    }

    /** A moment from ISO 8601 text with an offset; a bare date is that day's beginning in UTC. */
    static Instant instant(JsonNode value) throws Refused {
        return time(value).toInstant();
    }

    /** The shop's own day, for CRMs whose dates have no time: by the offset where there is one, else by its time zone. */
    private static LocalDate day(JsonNode value, ZoneId zone) throws Refused {
        OffsetDateTime time = time(value);
        boolean isUtc = time.getOffset().equals(ZoneOffset.UTC) && value.textValue().strip().length() > DAY_LENGTH;
        return isUtc ? time.atZoneSameInstant(zone).toLocalDate() : time.toLocalDate();
    }

    private static OffsetDateTime time(JsonNode value) throws Refused {
        if (value.isTextual()) {
            String text = value.textValue().strip();
            OffsetDateTime time = null;
            try {
                time = text.length() == DAY_LENGTH ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toOffsetDateTime()
                        : OffsetDateTime.parse(text, TIME);
            } catch (DateTimeException e) {
                // said below
            }
            int year = time == null ? 1 : time.withOffsetSameInstant(ZoneOffset.UTC).getYear();
            if (year < 1 || year > LAST_YEAR) {
                throw new Refused(quoted(value) + " is of a year that no CRM has");
            } else if (time != null) {
                return time;
            }
        }
        throw new Refused(quoted(value) + " is not an ISO 8601 time with an offset, such as 2026-01-31T10:00:00Z");
    }

    private static Cleaner otherwise(Cleaner cleaner, UnaryOperator<JsonNode> otherwise) {
        return (value, context, mended) -> {
            try {
                return cleaner.clean(value, context, mended);
            } catch (Refused e) {
                return otherwise.apply(value);
            }
        };
    }

    private static Cleaner texts(UnaryOperator<String> change) {
        return (value, context, mended) -> eachText(value, change);
    }

    private static JsonNode eachText(JsonNode value, UnaryOperator<String> change) throws Refused {
        if (value.isArray()) {
            ArrayNode list = Values.NODES.arrayNode(value.size());
            for (JsonNode element : value) {
                JsonNode changed = element.isNull() ? element : Values.blankToNull(eachText(element, change));
                if (!changed.isNull()) {
                    list.add(changed);
                }
            }
            return list;
        }
        return Values.NODES.textNode(change.apply(scalar(value)));
    }

    private static String scalar(JsonNode value) throws Refused {
        if (value.isContainerNode()) {
            throw new Refused("is " + Values.kind(value) + ", where a text is needed");
        }
        return Values.plainText(value);
    }

    private static String asText(JsonNode value, String separator) throws Refused {
        if (!value.isArray()) {
            return value.isObject() ? value.toString() : scalar(value);
        }
        List<String> parts = new ArrayList<>();
        for (JsonNode element : value) {
            if (!Values.isEmpty(element)) {
                parts.add(scalar(element));
            }
        }
        return String.join(separator, parts);
    }

    private static JsonNode email(JsonNode value) throws Refused {
        return Values.NODES.textNode(EmailAddresses.normal(scalar(value))
                .orElseThrow(() -> new Refused("is not a plausible e-mail address")));
    }

    private static JsonNode phone(JsonNode value, MappingContext context) throws Refused {
        String text = scalar(value);
        String region = context.regionOf(text);
        return Values.NODES.textNode(PhoneNumbers.normal(text, region).orElseThrow(() -> new Refused(
                "is not a valid phone number" + (region == null ? " with a country code" : " in " + region))));
    }

    private static JsonNode integer(JsonNode value) throws Refused {
        try {
            return Yaml.integer(number(value).toBigIntegerExact());
        } catch (ArithmeticException e) {
            throw new Refused(quoted(value) + " is not a whole number");
        }
    }

    private static JsonNode bool(JsonNode value) throws Refused {
        if (value.isBoolean()) {
            return value;
        }
        String text = value.isTextual() ? value.textValue().strip().toLowerCase(Locale.ROOT) : "";
        if (!text.equals("true") && !text.equals("false")) {
            throw new Refused(quoted(value) + " is neither true nor false");
        }
        return Values.NODES.booleanNode(text.equals("true"));
    }

    private static JsonNode country(JsonNode value) throws Refused {
        String code = scalar(value).strip().toUpperCase(Locale.ROOT);
        String iso = SAME_COUNTRY.getOrDefault(code, code);
        if (!Countries.has(iso)) {
            throw new Refused(quoted(value) + " is not an ISO 3166-1 country code; use Shopify's country_code");
        }
        return Values.NODES.textNode(iso);
    }

    /** Shopify has every amount twice, {shop, presentment} here and {shop_money, presentment_money} in its own sets. */
    private static Cleaner money(String which, String part, String shopifysPart) {
        if (!which.equals("shop") && !which.equals("presentment")) {
            throw new IllegalArgumentException(
                    "choose one: shop (the store's currency) or presentment (the currency that the buyer saw)");
        }
        return (value, context, mended) -> {
            if (value.isObject() && (value.has(which) || value.has(which + "_money"))) {
                JsonNode money = value.has(which) ? value.get(which) : value.get(which + "_money");
                return Values.blankToNull(money.has(part) ? money.get(part) : money.get(shopifysPart));
            }
            throw new Refused(value.isObject() ? "is not money; map .totals.net or a field that ends in _set"
                    : "is an amount without its currency; map the field that ends in _set");
        };
    }

    private static Cleaner maxLength(String argument, TextLengths lengths) {
        if (!argument.matches("[1-9]\\d{0,8}")) {
            throw new IllegalArgumentException("write the number of characters, as in max-length 80");
        }
        TextLength length = lengths.of(Integer.parseInt(argument));
        return (value, context, mended) -> length.fit(eachText(value, UnaryOperator.identity()), mended);
    }

    private static Cleaner join(String argument) {
        boolean isQuoted = argument.length() >= 2 && argument.startsWith("\"") && argument.endsWith("\"");
        if (!argument.isEmpty() && !isQuoted) {
            throw new IllegalArgumentException("write join, or join with a quoted separator, as in join \"; \"");
        }
        String separator = argument.isEmpty() ? ", " : argument.substring(1, argument.length() - 1);
        return (value, context, mended) -> Values.NODES.textNode(asText(value, separator));
    }

    static String quoted(JsonNode value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
