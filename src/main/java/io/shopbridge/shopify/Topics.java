package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Reads a body as its topic in {@code topics.yaml} defines. A topic that is not there is stored in the inbox and
 * recorded as not handled.
 */
@Component
public class Topics {

    /** Of a topic that asks for something to be done, and tells of no record. */
    static final String DUTY = "duty";
    /** Of a topic that is recorded and changes nothing. */
    static final String NOTE = "note";
    /** Of what happens to the app in a shop. */
    static final String DELETED = "deleted";
    static final String UNINSTALLED = "app-uninstalled";
    static final String SCOPES = "app-scopes";
    static final String OPERATION = "bulk-operation";
    static final Set<String> OF_NO_RECORD = Set.of(DUTY, NOTE, UNINSTALLED, SCOPES, OPERATION);

    private interface Reader {
        void read(Topics by, Payload payload, Topic topic);
    }

    private static final Map<String, Reader> READERS = Map.ofEntries(
            Map.entry("state", Topics::state),
            Map.entry(DELETED, (by, payload, topic) -> deleted(payload, topic)),
            Map.entry("part", (by, payload, topic) -> part(payload, topic, false)),
            Map.entry("part-removed", (by, payload, topic) -> part(payload, topic, true)),
            Map.entry("facet", (by, payload, topic) -> facet(payload, topic)),
            Map.entry("tags-added", (by, payload, topic) -> tags(payload, topic, true)),
            Map.entry("tags-removed", (by, payload, topic) -> tags(payload, topic, false)),
            Map.entry("consent", (by, payload, topic) -> consent(payload, topic)),
            Map.entry("customer", (by, payload, topic) -> by.customers.state(payload)),
            Map.entry("customer-merge", (by, payload, topic) -> by.customers.merged(payload)),
            Map.entry("company-location", (by, payload, topic) -> by.companies.location(payload)),
            Map.entry("company-location-deleted", (by, payload, topic) -> by.companies.locationDeleted(payload)),
            Map.entry("company-contact", (by, payload, topic) -> by.companies.contact(payload)),
            Map.entry("company-contact-deleted", (by, payload, topic) -> by.companies.contactDeleted(payload)),
            Map.entry("company-contact-role", (by, payload, topic) -> by.companies.role(payload)),
            Map.entry("company-contact-role-revoked", (by, payload, topic) -> by.companies.roleRevoked(payload)),
            Map.entry(NOTE, (by, payload, topic) -> payload.nothing("Topic " + topic.name() + " changes no record: "
                    + topic.because())),
            Map.entry(UNINSTALLED, (by, payload, topic) -> payload.app(AppNews.ofUninstalled())),
            Map.entry(SCOPES, (by, payload, topic) -> payload.app(AppNews.ofScopes(payload.body().path("previous"),
                    payload.body().path("current")))),
            Map.entry(OPERATION, (by, payload, topic) -> payload.app(AppNews.ofOperation(
                    Json.text(payload.body(), "admin_graphql_api_id")))),
            Map.entry(DUTY, (by, payload, topic) -> { }));
    /** What a topic can say. */
    static final Set<String> WORDS = new TreeSet<>(READERS.keySet());

    private final Shopify shopify;
    private final CustomerPayload customers;
    private final CompanyPayload companies;
    private final RecordState states;

    @Autowired
    Topics(Shopify shopify, GuestBuyer guestBuyer) {
        this.shopify = shopify;
        this.customers = new CustomerPayload(shopify.entity(RecordKey.CUSTOMER));
        this.states = new RecordState(new Buyers(customers, guestBuyer));
        this.companies = new CompanyPayload(shopify, states);
    }

    /** For records that are only shown; the region is that of guests' phone numbers without a country code. */
    public static Topics ofNoInstallation(Shopify shopify, String region) {
        return new Topics(shopify, new GuestBuyer(store -> region, GuestKey.ofNoInstallation()));
    }

    /**
     * What a received event says, a webhook's, one of Shopify Events or an {@link ApiAnswer}; empty where its topic is
     * not handled.
     *
     * @throws UnreadablePayload where the body is not what the topic claims
     */
    public Optional<Reading> receive(ReceivedEvent event) {
        Optional<Topic> topic = shopify.topic(event.topic());
        if (topic.isPresent()) {
            return topic.map(one -> received(event, one, Set.of()));
        }
        if (ApiAnswer.is(event.topic())) {
            ApiAnswer.Parts parts = ApiAnswer.parts(event, shopify);
            return parts.all().stream().map(part -> answered(event, part, parts.source())).reduce(Reading::and);
        }
        return ShopifyEvent.of(event.body()).flatMap(one -> one.parts(shopify)).flatMap(all -> all.stream().map(part ->
                received(event.as(part.topic(), part.body()), shopify.topic(part.topic()).orElseThrow(), part.leftOut()))
                .reduce(Reading::and));
    }

    /** What an event says that is not in the inbox yet; nothing where it can't be read, as the mirror will tell. */
    public List<FacetChange> said(Event event) {
        try {
            return receive(new ReceivedEvent(0, event.store(), event.topic(), event.triggeredAt(), event.triggeredAt(),
                    event.body())).map(Reading::changes).orElse(List.of());
        } catch (UnreadablePayload e) {
            return List.of();
        }
    }

    private Reading answered(ReceivedEvent event, GraphqlType.Shaped part, ApiAnswer.Source source) {
        return read(new Payload(event.as(part.topic(), event.body()), shopify, part.leftOut(), part.json(), source),
                shopify.topic(part.topic()).orElseThrow());
    }

    private Reading received(ReceivedEvent event, Topic topic, Set<String> unsaid) {
        return read(new Payload(event, shopify, unsaid), topic);
    }

    private Reading read(Payload payload, Topic topic) {
        topic.shape().check(topic.name(), payload.body());
        READERS.get(topic.says()).read(this, payload, topic);
        return new Reading(payload.changes(), payload.mended(), payload.ahead(), payload.isWithheld(),
                payload.leftOut(), payload.saysNothing(), Optional.ofNullable(payload.app()));
    }

    /**
     * The changes that a body brings which somebody gives by hand, so that it may be a part of what Shopify would send;
     * empty where the topic is not handled.
     *
     * @throws UnreadablePayload where the body names no record
     */
    public Optional<List<FacetChange>> read(ReceivedEvent event) {
        return shopify.topic(event.topic()).map(topic -> {
            Payload payload = new Payload(event, shopify, Set.of());
            READERS.get(topic.says()).read(this, payload, topic);
            return payload.changes();
        });
    }

    private void state(Payload payload, Topic topic) {
        states.add(payload, topic.entity(), key(payload, topic), payload.body(),
                stateTime(payload, topic, payload.body()));
    }

    private static void deleted(Payload payload, Topic topic) {
        Instant at = time(payload, topic, payload.body());
        payload.add(key(payload, topic), Facets.DELETED, at, TextNode.valueOf(at.toString()));
    }

    private static void part(Payload payload, Topic topic, boolean removed) {
        if (topic.idMayBeMissing() && !isSaid(payload, topic.id())) {
            return;
        }
        RecordKey key = key(payload, topic);
        if (!((topic.in() == null ? payload.body() : payload.body().path(topic.in())) instanceof ObjectNode part)) {
            throw new UnreadablePayload("The body of topic " + topic.name() + " has no " + topic.in());
        }
        String id = topic.part() == null ? payload.id(part)
                : topic.without() != null && Json.text(part, topic.part()) == null ? topic.without()
                : payload.idIn(part, topic.part(), topic.part());
        Instant at = stateTime(payload, topic, part);
        ObjectNode taken = topic.take() == null ? part : take(topic, part);
        if (topic.take() != null) {
            taken.put(Payload.ID, id);
        }
        if (removed) {
            taken.put(Facets.REMOVED, true);
        }
        RecordParts.add(payload, key, topic.entity().lists().get(topic.list()), id, taken, at);
    }

    private static void facet(Payload payload, Topic topic) {
        ObjectNode body = payload.body();
        payload.add(key(payload, topic), topic.facet(), stateTime(payload, topic, body),
                topic.take() == null ? body : take(topic, body));
    }

    /** Global ids become plain ones, as everywhere in a record. */
    private static ObjectNode take(Topic topic, ObjectNode from) {
        ObjectNode taken = JsonNodeFactory.instance.objectNode();
        topic.take().forEach((name, path) -> {
            JsonNode value = holder(from, path).path(name(path));
            if (value.isTextual() && Ids.isGlobal(value.textValue(), null)) {
                taken.put(name, Ids.plain(value.textValue()));
            } else if (!value.isMissingNode()) {
                taken.set(name, value);
            }
        });
        return taken;
    }

    private static boolean isSaid(Payload payload, List<String> fields) {
        return fields.stream().anyMatch(field -> Json.text(holder(payload.body(), field), name(field)) != null);
    }

    /**
     * Tag topics carry what was added or removed and not the whole list, so every tag is a facet with its own version,
     * and says how it is written.
     */
    private static void tags(Payload payload, Topic topic, boolean added) {
        RecordKey key = key(payload, topic);
        Instant at = time(payload, topic, payload.body());
        for (JsonNode tag : payload.tags(payload.body().path("tags"))) {
            payload.add(key, Facets.TAG + Facets.foldedTag(tag.textValue()), at, added ? 1 : 0,
                    added ? tag : BooleanNode.FALSE);
        }
    }

    private static void consent(Payload payload, Topic topic) {
        JsonNode consent = payload.body().path(topic.facet());
        if (consent instanceof ObjectNode object) {
            topic.add().stream().filter(field -> Json.text(payload.body(), field) != null)
                    .forEach(field -> object.put(field, Json.text(payload.body(), field)));
            topic.rename().forEach((to, from) -> {
                if (object.has(from)) {
                    object.set(to, object.remove(from));
                }
            });
        }
        Consents.add(payload, key(payload, topic), topic.facet(), consent, time(payload, topic, payload.body()));
    }

    private static Instant stateTime(Payload payload, Topic topic, JsonNode object) {
        return topic.at() == null ? payload.stateTime(object) : time(payload, topic, object);
    }

    private static Instant time(Payload payload, Topic topic, JsonNode object) {
        return payload.time(object, topic.at() == null ? new String[0] : topic.at().toArray(String[]::new));
    }

    private static RecordKey key(Payload payload, Topic topic) {
        return payload.key(topic.entity().name(), id(payload, topic));
    }

    /** Of several fields the first that has a value; an error names the last. */
    private static String id(Payload payload, Topic topic) {
        List<String> fields = topic.id().isEmpty() ? topic.entity().id() : topic.id();
        if (fields.isEmpty()) {
            return payload.id(payload.body());
        }
        String last = fields.get(fields.size() - 1);
        String path = fields.stream().filter(field -> Json.text(holder(payload.body(), field), name(field)) != null)
                .findFirst().orElse(last);
        return payload.idIn(holder(payload.body(), path), name(path), path);
    }

    private static JsonNode holder(JsonNode body, String path) {
        int dot = path.indexOf('.');
        return dot < 0 ? body : body.path(path.substring(0, dot));
    }

    private static String name(String path) {
        return path.substring(path.indexOf('.') + 1);
    }
}
