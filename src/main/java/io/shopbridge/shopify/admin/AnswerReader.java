package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import io.shopbridge.shopify.admin.AdminBusy.Again;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What an answer of the Admin API means. Shopify tells most failures in the body of a 200.
 *
 * @see <a href="https://shopify.dev/docs/api/admin-graphql/latest#status_and_error_codes">Status and error codes</a>
 */
public final class AnswerReader {

    private static final Duration AFTER_FAULT = Duration.ofSeconds(30);
    private static final Duration AFTER_LIMIT = Duration.ofSeconds(2);
    /** 430: Shopify takes the calls for an attack. Going on would confirm it. */
    private static final Duration AFTER_REJECTION = Duration.ofMinutes(2);
    private static final Duration AFTER_LOCK = Duration.ofMinutes(10);
    static final int FROZEN = 402;
    static final int LOCKED = 423;
    static final int TOO_MANY = 429;
    private static final int REJECTED = 430;
    private static final Set<String> FAULTS = Set.of("INTERNAL_SERVER_ERROR", "TIMEOUT");
    private static final int MOST_WORDS = 300;

    /**
     * Reads an answer with a status below 500.
     *
     * @param body missing where it is not JSON
     * @throws AdminFailure where it has no data
     */
    public AdminAnswer read(AdminCall call, int status, JsonNode body) {
        return read(call, status, Duration.ZERO, body);
    }

    /** @param wait that the answer asks for, such as a shield before Shopify does; zero: it asks for none */
    AdminAnswer read(AdminCall call, int status, Duration wait, JsonNode body) {
        switch (status) {
            case 200 -> {
                return successful(call, body);
            }
            case 401 -> throw new AdminDenied("Store \"" + call.store() + "\" does not accept our access to its Admin"
                    + " API" + words(call, body.path("errors")) + ". Install the app on the shop again and correct "
                    + setting(call));
            case 403 -> throw new AdminDenied("Store \"" + call.store() + "\" answered 403 to " + call.query().name()
                    + words(call, body.path("errors")) + ". Grant the app the scopes that are missing, and let the"
                    + " merchant accept them");
            case 404 -> throw new AdminDenied("There is no shop, or not this version of its Admin API, at "
                    + "the address of store \"" + call.store() + "\". Correct " + setting(call));
            case TOO_MANY -> throw closed(call.store(), status, Instant.now().plus(longer(wait, AFTER_LIMIT)));
            case REJECTED -> throw closed(call.store(), status, Instant.now().plus(longer(wait, AFTER_REJECTION)));
            case LOCKED, FROZEN -> throw closed(call.store(), status, Instant.now().plus(AFTER_LOCK));
            default -> throw new AdminRefused("Shopify answered " + status + " to " + call
                    + words(call, body.path("errors")), null);
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** What a shop says that is not to be asked anything for a while. */
    static AdminFailure closed(String store, int status, Instant until) {
        return switch (status) {
            case TOO_MANY -> new AdminBusy("Shopify asks to wait with calls to store \"" + store + "\"", until,
                    Again.LATER_FOR_ALL, null);
            case REJECTED -> new AdminBusy("Shopify rejects the calls to store \"" + store + "\" for security reasons"
                    + " (430)", until, Again.LATER_FOR_ALL, null);
            default -> new AdminLocked("Shopify has " + (status == FROZEN ? "frozen" : "locked") + " the shop of store"
                    + " \"" + store + "\"; the merchant must settle it with Shopify", until);
        };
    }

    private static AdminAnswer successful(AdminCall call, JsonNode body) {
        JsonNode data = body.path("data");
        JsonNode errors = body.path("errors");
        if (errors.isMissingNode() || errors.isNull() || errors.isEmpty() && errors.isContainerNode()) {
            if (data.isObject()) {
                understood(call, body.at("/extensions/search"));
                return new AdminAnswer(data, List.of());
            }
            throw AdminBusy.onCall("Shopify answered " + call + " with something else than JSON with data",
                    Instant.now().plus(AFTER_FAULT), again(call), null);
        }
        Set<String> codes = StreamSupport.stream(errors.spliterator(), false).map(AnswerReader::code)
                .collect(Collectors.toSet());
        String words = words(call, errors);
        if (codes.contains("THROTTLED") && isMoreThanTheBucketHolds(body.at("/extensions/cost"))) {
            throw AdminRefused.tooCostly("Shopify refuses " + call + ": it costs more points than the bucket of this shop"
                    + " ever holds");
        }
        if (codes.contains("THROTTLED")) {
            throw new AdminBusy("The query budget of store \"" + call.store() + "\" is used up",
                    Instant.now().plus(wait(body)), Again.WITH_POINTS, null);
        }
        if (codes.contains("SHOP_INACTIVE")) {
            throw closed(call.store(), FROZEN, Instant.now().plus(AFTER_LOCK));
        }
        if (codes.stream().anyMatch(FAULTS::contains)) {
            throw AdminBusy.onCall("Shopify failed on " + call + words, Instant.now().plus(AFTER_FAULT),
                    again(call), null);
        }
        if (codes.contains("MAX_COST_EXCEEDED")) {
            throw AdminRefused.tooCostly("Shopify refuses " + call + words);
        }
        if (!codes.equals(Set.of("ACCESS_DENIED"))) {
            throw new AdminRefused("Shopify refuses " + call + words, null);
        }
        if (!hasValue(data)) {
            throw new AdminDenied("The app may not make the call " + call + words + ". Grant it what is missing, and"
                    + " let the merchant accept it");
        }
        understood(call, body.at("/extensions/search"));
        return new AdminAnswer(data, denied(data, errors));
    }

    /** A condition of a search that Shopify does not know is no error: it leaves it out, and everything matches. */
    private static void understood(AdminCall call, JsonNode searches) {
        for (JsonNode search : searches) {
            for (JsonNode warning : search.path("warnings")) {
                String code = warning.path("code").asText();
                if (code.startsWith("invalid")) {
                    throw new AdminRefused("Shopify left a condition out of the search of " + call + ": "
                            + warning.path("field").asText() + ", " + code, null);
                }
            }
        }
    }

    /** What is to become of a call that may have had its effect. */
    static Again again(AdminCall call) {
        return call.query().mutation() ? Again.LATER : Again.SOON;
    }

    private static boolean hasValue(JsonNode data) {
        return StreamSupport.stream(data.spliterator(), false).anyMatch(field -> !field.isNull());
    }

    private static List<Denied> denied(JsonNode data, JsonNode errors) {
        return StreamSupport.stream(errors.spliterator(), false).map(error -> new Denied(path(data, error.path("path")),
                error.at("/extensions/requiredAccess").asText(error.path("message").asText()))).distinct().toList();
    }

    /**
     * The path to what is null, which is what contains the denied part where that can't be null itself. Without positions
     * in lists: what is denied of one record is denied of all.
     */
    private static String path(JsonNode data, JsonNode path) {
        List<String> names = new ArrayList<>();
        JsonNode at = data;
        for (JsonNode part : path) {
            if (part.getNodeType() == JsonNodeType.STRING) {
                names.add(part.asText());
            }
            at = part.isInt() ? at.path(part.asInt()) : at.path(part.asText());
            if (at.isNull()) {
                break;
            }
        }
        return String.join(".", names);
    }

    /** Its points would be waited for in vain. */
    private static boolean isMoreThanTheBucketHolds(JsonNode cost) {
        double most = cost.at("/throttleStatus/maximumAvailable").asDouble();
        return most > 0 && cost.path("requestedQueryCost").asDouble() > most;
    }

    /** Until the bucket has as many points as the query asks for. */
    private static Duration wait(JsonNode body) {
        JsonNode cost = body.at("/extensions/cost");
        double rate = cost.at("/throttleStatus/restoreRate").asDouble();
        double missing = cost.path("requestedQueryCost").asDouble()
                - cost.at("/throttleStatus/currentlyAvailable").asDouble();
        return rate > 0 && missing > 0 ? Duration.ofMillis((long) Math.ceil(1000 * missing / rate)) : AFTER_LIMIT;
    }

    private static String code(JsonNode error) {
        return error.at("/extensions/code").asText("");
    }

    /** What Shopify says, in its words; without values that were asked with, which may be personal. */
    private static String words(AdminCall call, JsonNode errors) {
        String said = errors.isTextual() ? errors.asText() : StreamSupport.stream(errors.spliterator(), false)
                .map(error -> error.path("message").asText()).filter(text -> !text.isBlank()).distinct().limit(3)
                .collect(Collectors.joining("; "));
        for (String value : texts(call.variables())) {
            said = said.replace(value, "…");
        }
        String line = said.replaceAll("\\s+", " ").strip();
        return line.isEmpty() ? "" : ": " + line.substring(0, Math.min(line.length(), MOST_WORDS));
    }

    private static List<String> texts(JsonNode value) {
        List<String> texts = new ArrayList<>();
        if (value.isTextual() && value.asText().length() > 2) {
            texts.add(value.asText());
        }
        value.forEach(child -> texts.addAll(texts(child)));
        return texts;
    }

    private static String setting(AdminCall call) {
        return "shopbridge.stores." + call.store() + ".admin";
    }
}
