package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.lang3.StringUtils;

/**
 * What stands around the id in our keys, as in {@code main:draft-123}. A mapping says only how a key is made of a record,
 * so it is found by a record of which the id is known.
 *
 * @param before what stands before the id
 * @param after  what stands after it
 */
public record KeyForm(String before, String after) {

    /** No record has it as its id, and no key has it for another reason. */
    private static final String PROBE = "8008135008135008135";

    /**
     * The form of the keys that are made so; empty where they are made of more than the id once, or not of it.
     *
     * @param record what the key is made of, beside the id
     * @param key    makes a record's key
     */
    public static Optional<KeyForm> of(ObjectNode record, Function<JsonNode, Optional<String>> key) {
        try {
            return key.apply(record.put("id", PROBE)).filter(made -> StringUtils.countMatches(made, PROBE) == 1)
                    .map(made -> new KeyForm(StringUtils.substringBefore(made, PROBE),
                            StringUtils.substringAfter(made, PROBE)));
        } catch (ExpressionFailed e) {
            return Optional.empty();
        }
    }

    /** Whether a text has an id in the place of one. */
    public boolean fits(String text) {
        return text.length() > around() && text.startsWith(before) && text.endsWith(after);
    }

    /** How many characters are around the id. */
    public int around() {
        return before.length() + after.length();
    }

    /** The id in a text that fits. */
    public String id(String text) {
        return text.substring(before.length(), text.length() - after.length());
    }
}
