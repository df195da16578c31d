package io.shopbridge.shopify;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.map.Numbers;
import io.shopbridge.map.WholeText;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One webhook body while it is being read into facet changes. Brings ids to text, times to UTC, and texts and numbers
 * into the bounds of whatever comes after, on the way.
 */
final class Payload {

    static final String GID = "admin_graphql_api_id";
    static final String ID = "id";
    private static final String PROPERTIES = "properties";
    private static final String UPDATED_AT = "updated_at";

    /** Beside {@code id} itself, what names another record or a part of one, and so becomes a key somewhere. */
    private static final Set<String> REFERENCES = Set.of("customer_id", "customerId", "order_id", "line_item_id",
            "product_id", "variant_id", "location_id", "company_id", "company_location_id");
    /** Apps leave these blank that have no value: a blank one would hide what is known from elsewhere. */
    private static final Set<String> PERSONAL = Set.of("email", "contact_email", "phone", "first_name", "last_name", "name",
            "company", "address1", "address2", "city", "zip", "province", "province_code", "country", "country_code");
    /** Where ids are Shopify's. Elsewhere, in a gateway's receipt or what a theme adds, anything may be called id. */
    private static final Set<String> PARTS = Set.of("customer", "company", "line_items", "line_item", "refunds",
            "refund_line_items", "fulfillments", "shipping_lines", "returns", "addresses", "default_address",
            "order_edit", "location");
    /** What canonical records are given here: a body that has it was not made by Shopify. */
    static final Set<String> OURS = Set.of("contact_key", "deleted_at", "guest", "metrics", "signals",
            Facets.WITHHELD, Facets.MERGED_INTO);
    /**
     * Shopify's longest tags, those of products and orders, have 255 characters (an emoji is one), and a record has 250
     * of them.
     */
    private static final int LONGEST_TAG = 255;
    private static final int MOST_TAGS = 1000;
    /** Far more than any order has refunds and fulfilments; each becomes a row. */
    private static final int MOST_CHANGES = 2000;

    /** Of these moments CRMs have fields for the day alone. */
    private static final List<String> HAVE_DAYS = List.of("processed_at", "created_at", "cancelled_at",
            "completed_at");

    private final ReceivedEvent event;
    private final Shopify shopify;
    private final Set<String> unsaid;
    private final ApiAnswer.Source source;
    private final ObjectNode body;
    /**
     * The days on which the body's moments fell in the shop: webhooks have them with the shop's own offset, which the
     * moment in UTC no longer tells. Empty where the body is an answer of the API, whose times are in UTC.
     */
    private final ObjectNode days = JsonNodeFactory.instance.objectNode();
    /** The same of the customer inside. */
    private final ObjectNode customerDays = JsonNodeFactory.instance.objectNode();
    private final List<FacetChange> changes = new ArrayList<>();
    private final Set<String> leftOut = new TreeSet<>();
    private boolean mended;
    private boolean ahead;
    private boolean withheld;
    private AppNews app;
    private String nothing = "Its body contains nothing about a record";

    /** @param unsaid names of fields that the body does not have, though they may have a value */
    Payload(ReceivedEvent event, Shopify shopify, Set<String> unsaid) {
        this(event, shopify, unsaid, read(event.body()), null);
    }

    /**
     * @param json   the body, read already; it is changed
     * @param source the answer of the Admin API that it is made of; null: it came by itself
     */
    Payload(ReceivedEvent event, Shopify shopify, Set<String> unsaid, JsonNode json, ApiAnswer.Source source) {
        this.event = event;
        this.unsaid = unsaid;
        this.source = source;
        this.shopify = shopify;
        if (!(json instanceof ObjectNode object)) {
            throw new UnreadablePayload("The body is not a JSON object, as topic " + event.topic() + " requires");
        }
        HAVE_DAYS.forEach(name -> {
            day(object, name, days);
            day(object.path("customer"), name, customerDays);
        });
        this.body = canonical(object, true);
        body.remove(OURS);
    }

    private static JsonNode read(byte[] bytes) {
        try {
            return Json.read(bytes);
        } catch (CharacterCodingException e) {
            throw new UnreadablePayload("The body is not UTF-8, as JSON must be: ask the app that sent it, or check"
                    + " the bytes");
        } catch (StreamConstraintsException | NumberFormatException e) {
            throw new UnreadablePayload("The body has a number, a name or a nesting far beyond what Shopify"
                    + " sends: check the bytes");
        } catch (IOException e) {
            throw new UnreadablePayload("The body is not JSON: ask the app that sent it, or check the bytes");
        }
    }

    ReceivedEvent event() {
        return event;
    }

    ObjectNode body() {
        return body;
    }

    /** Whether it is not known if the body's object has such a field, because the app may not read it. */
    boolean isUnsaid(String field) {
        return unsaid.contains(field);
    }

    /**
     * Whether it is made of an answer of the Admin API, which says of each part that it may not give: of what it names as
     * null there is none.
     */
    boolean isAnswer() {
        return source != null;
    }

    /** A time after which the Admin API was asked, by Shopify's clock; null: not known. */
    Instant answeredAfter() {
        return source == null ? null : source.after();
    }

    /** Whether the same is true of something inside of the field. */
    boolean isPartlyUnsaid(String field) {
        return unsaid.stream().anyMatch(name -> name.startsWith(field + "."));
    }

    List<FacetChange> changes() {
        return changes;
    }

    /** Whether a text held what no database can, and was changed. */
    boolean mended() {
        return mended;
    }

    /** Whether it claims to be of a time that is yet to come, so that its time of receipt was taken instead. */
    boolean ahead() {
        return ahead;
    }

    /** Whether it is a customer's, without any personal field. */
    boolean isWithheld() {
        return withheld;
    }

    /** What of it is not what Shopify sends, and so was not taken in; in words, without what it holds. */
    Set<String> leftOut() {
        return leftOut;
    }

    private void leaveOut(String what) {
        leftOut.add(what);
    }

    /** None of the fields has a value that tell who the customer is. */
    void withheld() {
        withheld = true;
    }

    /** What it says of the app itself; null: nothing. */
    AppNews app() {
        return app;
    }

    void app(AppNews news) {
        app = news;
    }

    /** Why it changes nothing. */
    String saysNothing() {
        return nothing;
    }

    /** What it tells of did not happen. */
    void nothing(String because) {
        nothing = because;
    }

    void add(RecordKey key, String facet, Instant at, JsonNode value) {
        add(key, facet, at, 0, value);
    }

    void add(RecordKey key, String facet, Instant at, int rank, JsonNode value) {
        if (changes.size() >= MOST_CHANGES) {
            throw new UnreadablePayload("The body changes more than " + MOST_CHANGES + " parts of its record; Shopify"
                    + " sends no record of this size");
        }
        boolean byField = shopify.entity(key.entity()).keepsByField(facet);
        byte[] bytes = bytes(byField, value);
        changes.add(new FacetChange(key, facet, byField, Version.of(at, rank, event, bytes), bytes, event.id()));
    }

    /** A state of which its progress decides where its own time stays; see {@link Version#ofProgress}. */
    void addProgress(RecordKey key, String facet, Instant at, int progress, Instant seenAt, JsonNode value) {
        boolean byField = shopify.entity(key.entity()).keepsByField(facet);
        byte[] bytes = bytes(byField, value);
        changes.add(new FacetChange(key, facet, byField, Version.ofProgress(at, progress, seenAt, event, bytes), bytes,
                event.id()));
    }

    private static byte[] bytes(boolean byField, JsonNode value) {
        return byField && value instanceof ObjectNode fields ? FieldStates.bytes(fields) : Json.write(value);
    }

    RecordKey key(String entity, String id) {
        return new RecordKey(event.store(), entity, id);
    }

    /** Shopify's id of the object; the one in its global id where it has one, since that was never a number. */
    String id(JsonNode object) {
        String gid = Json.text(object, GID);
        if (gid != null && !Ids.isId(Ids.plain(gid)) && Json.text(object, ID) != null) {
            leaveOut("a global id that is not valid");
            gid = null;
        }
        return id(gid == null ? Json.text(object, ID) : Ids.plain(gid), gid == null ? ID : GID);
    }

    /** Whether a part of the body has an id of Shopify's. */
    static boolean hasId(JsonNode part) {
        return Stream.of(GID, ID).map(field -> Json.text(part, field)).anyMatch(id -> id != null && Ids.isId(Ids.plain(id)));
    }

    /** The elements of a list that have an id; without one, they can't be compared with known ones. */
    List<ObjectNode> parts(JsonNode list) {
        List<ObjectNode> parts = new ArrayList<>();
        for (JsonNode part : list) {
            if (part instanceof ObjectNode object && hasId(object)) {
                parts.add(object);
            } else {
                leaveOut("a part without a Shopify id");
            }
        }
        return parts;
    }

    /** The id in a field of the body that may hold a number, a text or a global id. */
    String idIn(String field) {
        return idIn(body, field, field);
    }

    /**
     * The id in a field of this part of the body.
     *
     * @param path how the field is called in an error
     */
    String idIn(JsonNode object, String field, String path) {
        String id = Json.text(object, field);
        return id(id == null ? null : Ids.plain(id), path);
    }

    private String id(String id, String field) {
        if (id == null || !Ids.isId(id)) {
            throw new UnreadablePayload("The body of topic " + event.topic() + " does not say which record: " + field
                    + " is missing, or is not a Shopify id (letters, digits, : _ -, 255 at most)");
        }
        return id;
    }

    private static void day(JsonNode object, String name, ObjectNode days) {
        String text = object.path(name).asText("");
        if (!text.endsWith("Z") && Json.instant(text) != null) {
            days.put(name, text.substring(0, "2026-03-31".length()));
        }
    }

    /** A facet of its own, so that an answer of the API, which doesn't tell the days, doesn't take them away. */
    void addDays(RecordKey key, Instant at) {
        addDays(key, at, days);
    }

    void addCustomerDays(RecordKey customer, Instant at) {
        addDays(customer, at, customerDays);
    }

    private void addDays(RecordKey key, Instant at, ObjectNode of) {
        if (!of.isEmpty()) {
            add(key, Facets.DAYS, at, of);
        }
    }

    /**
     * The first of these fields that is a time; else when the event was triggered, else when it came. A time that is
     * more than a day ahead of the receipt is that of a wrong clock, and would silence all later news of the record.
     */
    Instant time(JsonNode object, String... fields) {
        for (String field : fields) {
            Instant time = Json.instant(object.path(field).asText(""));
            if (time != null) {
                return notAhead(time);
            }
        }
        return event.triggeredAt() == null ? event.receivedAt() : event.triggeredAt();
    }

    /**
     * When the state was true that the body of a topic shows: its own {@code updated_at}. A subscription may leave that
     * out; then when the event was triggered, which is the same whenever it is sent again, and where that is not known
     * when the record was created.
     */
    Instant stateTime(JsonNode object) {
        return Json.instant(object.path(UPDATED_AT).asText("")) == null && event.triggeredAt() != null ? event.triggeredAt()
                : time(object, UPDATED_AT, "created_at");
    }

    /** The same of a part of the body, which is as new as the whole where it doesn't say its own time. */
    Instant stateTime(JsonNode part, Instant whole) {
        return Json.instant(part.path(UPDATED_AT).asText("")) == null ? whole : time(part, UPDATED_AT);
    }

    /** The time itself, or where it is yet to come the time of receipt. */
    Instant notAhead(Instant time) {
        if (!time.isAfter(event.latest())) {
            return time;
        }
        ahead = true;
        return event.receivedAt();
    }

    /**
     * Tags are "a, b" in webhooks and a list elsewhere. Each comes once, as it was written first: Shopify keeps one of
     * VIP and vip. What is not a valid tag is left out.
     */
    ArrayNode tags(JsonNode tags) {
        Map<String, String> distinct = new LinkedHashMap<>();
        if (tags.isArray()) {
            tags.forEach(tag -> tag(distinct, tag.isValueNode() && !tag.isNull() ? tag.asText() : ""));
        } else {
            for (String tag : tags.asText("").split(",")) {
                tag(distinct, tag);
            }
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        distinct.values().forEach(list::add);
        return list;
    }

    private void tag(Map<String, String> tags, String tag) {
        String stripped = tag.strip();
        if (stripped.codePointCount(0, stripped.length()) > LONGEST_TAG) {
            leaveOut("a tag of more than " + LONGEST_TAG + " characters");
        } else if (tags.size() >= MOST_TAGS && !tags.containsKey(Facets.foldedTag(stripped))) {
            leaveOut("tags beyond the first " + MOST_TAGS);
        } else if (!stripped.isEmpty()) {
            tags.putIfAbsent(Facets.foldedTag(stripped), stripped);
        }
    }

    private ObjectNode canonical(ObjectNode object, boolean ours) {
        List<String> unclean = null;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (field.getValue().isObject() && name.equals(PROPERTIES)) {
                field.setValue(asTheyAre(field.getValue()));
            } else if (field.getValue().isContainerNode()) {
                canonical(field.getValue(), ours && PARTS.contains(name));
            } else {
                field.setValue(canonical(name, field.getValue(), ours));
            }
            if (!WholeText.of(name).equals(name)) {
                unclean = unclean == null ? new ArrayList<>() : unclean;
                unclean.add(name);
            }
        }
        if (unclean != null) {
            mended = true;
            unclean.forEach(name -> object.set(WholeText.of(name), object.remove(name)));
        }
        return object;
    }

    /** What a theme or an app has named, whose names mean nothing here: another body has them as values of a list. */
    private ObjectNode asTheyAre(JsonNode properties) {
        ObjectNode same = JsonNodeFactory.instance.objectNode();
        properties.properties().forEach(property -> {
            String name = WholeText.of(property.getKey());
            mended |= !name.equals(property.getKey());
            if (property.getValue().isContainerNode()) {
                canonical(property.getValue(), false);
            }
            same.set(name, property.getValue().isContainerNode() ? property.getValue() : bounded(property.getValue()));
        });
        return same;
    }

    private void canonical(JsonNode value, boolean ours) {
        if (value instanceof ObjectNode object) {
            canonical(object, ours);
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                JsonNode element = array.get(i);
                if (element.isContainerNode()) {
                    canonical(element, ours);
                } else {
                    array.set(i, bounded(element));
                }
            }
        }
    }

    private JsonNode canonical(String name, JsonNode value, boolean ours) {
        if (ours && (name.equals(ID) || REFERENCES.contains(name))) {
            return reference(name, value);
        }
        if (value.isIntegralNumber() && (name.equals(ID) || name.endsWith("_id"))) {
            return TextNode.valueOf(value.asText());
        }
        if (value.isTextual() && PERSONAL.contains(name) && Json.isBlank(value.textValue())) {
            return NullNode.instance;
        }
        if (value.isTextual() && (name.endsWith("_at") || name.equals("customer_since"))) {
            Instant time = Json.instant(value.textValue());
            if (time == null && Json.isOfNoYear(value.textValue())) {
                leaveOut("a time in " + name + " of a year that is none");
                return NullNode.instance;
            }
            return time == null ? bounded(value) : TextNode.valueOf(DateTimeFormatter.ISO_INSTANT.format(time));
        }
        return bounded(value);
    }

    private JsonNode reference(String name, JsonNode value) {
        if (value.isNull() || value.isTextual() && value.textValue().isEmpty()) {
            return value;
        }
        if (!Ids.isAnyId(value.asText())) {
            leaveOut("a field " + name + " that is not a Shopify id");
            return NullNode.instance;
        }
        return value.isTextual() ? value : TextNode.valueOf(value.asText());
    }

    /** A number beyond the limit becomes text, so that no calculation uses it and only its field is refused. */
    private JsonNode bounded(JsonNode value) {
        if (value.isTextual()) {
            JsonNode whole = WholeText.of(value);
            mended |= whole != value;
            return whole;
        }
        if (value.isDouble()) {
            // Of a calculation: all that is read is exact.
            return bounded(DecimalNode.valueOf(new BigDecimal(value.asText())));
        }
        return value.isNumber() && Numbers.decimal(value).isEmpty() ? TextNode.valueOf(value.asText()) : value;
    }
}
