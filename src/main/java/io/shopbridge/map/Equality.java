package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Equality of two values of a field. CRMs answer numbers, times and booleans as text, write 10 for 10.00, add
 * milliseconds, take blanks off both ends of a text and end its lines as a browser does; none of that is a change.
 * Salesforce does the last two, the lines of all texts of a record where a user edits one of its fields:
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_data_diff_event_fields_considerations.htm
 */
@FunctionalInterface
interface Equality {

    /** Digits of a phone number with its area. */
    int NATIONAL = 8;

    Equality TEXT = (a, b) -> plain(a).equals(plain(b));

    Equality NUMBER = (a, b) -> {
        try {
            return Cleaners.number(a).compareTo(Cleaners.number(b)) == 0;
        } catch (Refused e) {
            return TEXT.same(a, b);
        }
    };

    Equality TIME = (a, b) -> {
        try {
            return Cleaners.instant(a).equals(Cleaners.instant(b));
        } catch (Refused e) {
            return TEXT.same(a, b);
        }
    };

    /**
     * People write the same number as +1 503-228-1234, (503) 228-1234 or 001 503 2281234. Of 5032281234, which is bare
     * digits, +15032281234 may be the correction.
     */
    Equality PHONE = (a, b) -> {
        String one = digits(a);
        String other = digits(b);
        return TEXT.same(a, b) || one.length() >= NATIONAL && one.equals(other)
                || isNational(one, other, a) || isNational(other, one, b) || isOne(a, b, PhoneNumbers::international);
    };

    /** In any notation of {@link EmailAddresses}. */
    Equality EMAIL = (a, b) -> TEXT.same(a, b) || isOne(a, b, EmailAddresses::normal);

    Equality FLAG = (a, b) -> Values.plainText(a).equalsIgnoreCase(Values.plainText(b));

    private static boolean isOne(JsonNode a, JsonNode b, Function<String, Optional<String>> normal) {
        Optional<String> one = normal.apply(Values.plainText(a));
        return one.isPresent() && one.equals(normal.apply(Values.plainText(b)));
    }

    private static String plain(JsonNode value) {
        return Values.plainText(value).strip().replace("\r\n", "\n").replace('\r', '\n');
    }

    /** Whether a person has written a number's digits without its country. */
    private static boolean isNational(String digits, String whole, JsonNode phone) {
        return digits.length() >= NATIONAL && whole.endsWith(digits)
                && Values.plainText(phone).strip().matches("(?!\\+)(0.*|.*[^0-9].*)");
    }

    /** Without the zeros that stand for a country or an area. */
    private static String digits(JsonNode phone) {
        return Values.plainText(phone).replaceAll("[^0-9]", "").replaceFirst("^0+", "");
    }

    /** Whether two values, neither of them empty, are the same. */
    boolean same(JsonNode a, JsonNode b);

    /** By what the cleaners make of a value. */
    static Equality of(CleanerChain clean) {
        if (clean.has(Set.of("decimal", "integer", "number", "money"))) {
            return NUMBER;
        }
        if (clean.has(Set.of("date"))) {
            return TIME;
        }
        if (clean.has(Set.of("email"))) {
            return EMAIL;
        }
        if (clean.has(Set.of("phone"))) {
            return PHONE;
        }
        return clean.has(Set.of("boolean")) ? FLAG : TEXT;
    }

    /** Objects whose fields have a sameness of their own; a field that isn't known is not compared. */
    static Equality ofObjects(Map<String, Field> fields) {
        return (a, b) -> a.isObject() && b.isObject() && fields.values().stream()
                .allMatch(field -> field.sameValue(a.get(field.name()), b.get(field.name())));
    }

    /** Like {@link #same}, but empty equals empty, and lists are the same where their elements are, in order. */
    default boolean sameOrEmpty(JsonNode a, JsonNode b) {
        if (Values.isEmpty(a) || Values.isEmpty(b)) {
            return Values.isEmpty(a) && Values.isEmpty(b);
        }
        if (!a.isArray() || !b.isArray()) {
            return same(a, b);
        }
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!sameOrEmpty(a.get(i), b.get(i))) {
                return false;
            }
        }
        return true;
    }
}
