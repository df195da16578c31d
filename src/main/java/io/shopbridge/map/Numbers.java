package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * The limit for numbers of a body, a mapping or a CRM's answer. {@code 1e999999999} is eleven characters and a gigabyte
 * of digits, so a number beyond the limit counts as none.
 */
public final class Numbers {

    /** Digits after the decimal point, and zeros that an exponent adds before it. */
    private static final int LARGEST_SCALE = 100;
    private static final int MOST_DIGITS = 200;
    /** No text that is longer is a number within the bound, and none is parsed to find that out. */
    private static final int LONGEST_TEXT = 1 + LARGEST_SCALE + MOST_DIGITS;

    private Numbers() {
    }

    /** The exact number that this node or its text is; empty where it is none, or beyond the bound. */
    public static Optional<BigDecimal> decimal(JsonNode value) {
        try {
            if (value.isNumber()) {
                return bounded(value.decimalValue());
            }
            String text = value.isTextual() ? value.textValue().strip() : "";
            return text.isEmpty() || text.length() > LONGEST_TEXT ? Optional.empty() : bounded(new BigDecimal(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The number with all its digits; as it is written where it is beyond the bound. */
    public static String plainText(JsonNode number) {
        return decimal(number).map(BigDecimal::toPlainString).orElseGet(number::asText);
    }

    private static Optional<BigDecimal> bounded(BigDecimal number) {
        return Math.abs((long) number.scale()) <= LARGEST_SCALE && number.precision() <= MOST_DIGITS
                ? Optional.of(number) : Optional.empty();
    }
}
