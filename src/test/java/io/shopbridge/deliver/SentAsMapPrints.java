package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Link;
import io.shopbridge.map.RecordLink;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.preview.Previewer;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSendingEvent;
import org.apache.camel.support.EventNotifierSupport;

/**
 * Records every write on its way out, as HTTP, and asks command {@code map} at that moment what it prints for the same
 * record and the same state of the CRM: the record's and its lines' links, and the values that the delivery had read.
 * Of Shopbridge's own doing everything must be equal: method, path and body. Exempt is
 * <ul>
 * <li>which records travel in one call, and the place in it ({@code trace}): a call is compared element by element;
 * <li>the account's keys of fields, of which the mapping knows only the names: they are translated back;
 * <li>in Salesforce, the fields of {@link #ORGS}, which the route fills in from what the org holds, the calls that make
 *     accounts and price book entries before, jobs of the bulk API, and deletions, whose ids stand in the address;
 * <li>what is written again without values that the CRM has just refused, and the no of a record that ends otherwise.
 * </ul>
 */
public final class SentAsMapPrints extends EventNotifierSupport {

    /** What only the org knows: its accounts, price books and record types, and whether it has currencies. */
    private static final Set<String> ORGS = Set.of("AccountId", "Account__c", "Pricebook2Id", "PricebookEntryId",
            "RecordTypeId", "CurrencyIsoCode", "ContactId", "BillToContactId");
    private static final Set<String> LISTS = Set.of("inputs", "items", "records", "rows");
    private static final Set<Operation> READS = Set.of(Operation.FIND, Operation.SEARCH, Operation.MATCH,
            Operation.READ, Operation.CHANGED, Operation.CHILDREN, Operation.FIELDS, Operation.LABELS, Operation.ACCOUNT,
            Operation.READ_CONSENT, Operation.ERASE);
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    /** One request that was sent, and what is printed for each record that it is for. */
    private record Sent(Crm crm, CrmCall call, CrmRequest request, List<CrmRequest> printed) {
    }

    private final RunningShopbridge shopbridge;
    private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, Map<String, String>> names = new ConcurrentHashMap<>();
    private final AtomicInteger compared = new AtomicInteger();
    /** A transport of its own makes its HTTP calls apart from the exchange that has the chunk. */
    private final ThreadLocal<Exchange> writing = new ThreadLocal<>();

    private SentAsMapPrints(RunningShopbridge shopbridge) {
        this.shopbridge = shopbridge;
    }

    public static SentAsMapPrints recordedAt(RunningShopbridge shopbridge) {
        SentAsMapPrints recorder = new SentAsMapPrints(shopbridge);
        recorder.start();
        shopbridge.bean(CamelContext.class).getManagementStrategy().addEventNotifier(recorder);
        return recorder;
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return event instanceof ExchangeSendingEvent;
    }

    @Override
    public void notify(CamelEvent event) {
        ExchangeSendingEvent sending = (ExchangeSendingEvent) event;
        String to = sending.getEndpoint().getEndpointUri();
        Exchange exchange = sending.getExchange();
        try {
            if (to.startsWith("direct://call-") && !to.equals("direct://call-crm")) {
                boolean isWrite = exchange.getVariable("chunk") instanceof Chunk
                        && !READS.contains(exchange.getMessage().getBody(CrmCall.class).operation());
                writing.set(isWrite ? exchange : null);
                exchange.setVariable("called", exchange.getMessage().getBody());
            } else if (to.startsWith("http") && exchange.getVariable("call") instanceof CrmCall call
                    && !READS.contains(call.operation()) && exchange.getVariable("chunk") instanceof Chunk) {
                byte[] body = exchange.getMessage().getBody(byte[].class);
                String query = exchange.getMessage().getHeader(Exchange.HTTP_QUERY, String.class);
                keep(exchange, call, new CrmRequest(exchange.getMessage().getHeader(Exchange.HTTP_METHOD, String.class),
                        exchange.getMessage().getHeader(Exchange.HTTP_PATH, String.class)
                                + (query == null ? "" : "?" + query), body == null ? null : JSON.readTree(body)));
            } else if (to.startsWith("direct://http-") && writing.get() != null) {
                JsonNode request = JSON.valueToTree(exchange.getMessage().getBody());
                CrmCall call = writing.get().getVariable("called", CrmCall.class);
                // The route also makes what must stand before a record does.
                if (request.at("/body/records/0/attributes/type").asText().equals(call.object())) {
                    keep(writing.get(), call, new CrmRequest(request.path("method").asText(),
                            request.path("path").asText(), request.get("body")));
                }
            }
        } catch (Exception | AssertionError e) {
            failures.add(e);
        }
    }

    private void keep(Exchange exchange, CrmCall call, CrmRequest request) {
        Chunk chunk = exchange.getVariable("chunk", Chunk.class);
        Delivery delivery = exchange.getVariable(Delivery.VARIABLE, Delivery.class);
        if (chunk.records().stream().anyMatch(record ->
                record.saysOnlyNo() || record.isClashing() || !record.leftOut().isEmpty())) {
            return;
        }
        Map<RecordKey, DeliveryRecord> whole = new HashMap<>();
        delivery.records().forEach(record -> whole.put(record.key(), record));
        List<CrmRequest> printed = chunk.records().stream().map(record -> whole.get(record.item().key())).distinct()
                .flatMap(record -> printed(delivery, record).stream()).toList();
        sent.add(new Sent(delivery.crm(), call, request, printed));
    }

    private List<CrmRequest> printed(Delivery delivery, DeliveryRecord record) {
        CanonicalRecord mirrored =
                shopbridge.bean(CanonicalRecords.class).load(List.of(record.key())).get(record.key());
        // What the delivery took from the mirror: by now there may be more.
        CanonicalRecord canonical = new CanonicalRecord(record.key(), (ObjectNode) record.json(), true,
                mirrored.mainAt(), mirrored.times(), mirrored.fieldTimes(), mirrored.whollyTold());
        return new Previewer(delivery.crm(), record.context(), null)
                .entry(canonical, state(delivery, record)).requests();
    }

    private static CrmState state(Delivery delivery, DeliveryRecord record) {
        Map<String, String> related = new HashMap<>();
        for (RecordLink relation : delivery.mapping().links()) {
            related.put(relation.name(), record.relations().get(relation.name()));
        }
        Map<RecordKey, Link> parts = new HashMap<>();
        delivery.shared().values().stream().filter(one -> one.link() != null)
                .forEach(one -> parts.put(one.key(), one.link()));
        record.children().stream().filter(one -> one.link() != null).forEach(one -> parts.put(one.key(), one.link()));
        record.removedChildren().forEach(link -> parts.put(link.key(), link));
        Link link = record.link();
        return new CrmState(link != null, link == null ? null : link.crmId(), record.present(),
                link == null ? Map.of() : link.base(), related, parts, delivery.person(record));
    }

    /** Compares what was sent since the last time. */
    public void check() throws JsonProcessingException {
        assertThat(failures).as("requests that could not be compared").isEmpty();
        for (Sent one = sent.poll(); one != null; one = sent.poll()) {
            Set<String> printed = one.printed().stream().flatMap(request -> elements(request, false).stream())
                    .collect(Collectors.toSet());
            for (String element : elements(translated(one), one.call().operation() == Operation.ASSOCIATE_AS)) {
                assertThat(printed).as("what map prints for a request of " + one.call().operation() + " to "
                        + one.crm().folder()).contains(element);
                compared.incrementAndGet();
            }
        }
    }

    /** How many writes of single records were compared. */
    public int compared() {
        return compared.get();
    }

    private CrmRequest translated(Sent one) throws JsonProcessingException {
        String object = one.call().object();
        if (one.request().body() == null || !one.crm().hasOwnKeys() || !one.crm().can(Operation.FIELDS, object)) {
            return one.request();
        }
        Map<String, String> own = names.computeIfAbsent(one.crm().name() + " " + object, key -> {
            Map<String, String> found = new HashMap<>();
            shopbridge.bean(CrmClient.class).call(CrmCall.fields(shopbridge.bean(Crms.class).get(one.crm().name()),
                    object)).stream().filter(field -> field.hasNonNull("key")).forEach(field ->
                            found.put(field.path("key").asText(), Crm.fieldName(field.path("name").asText())));
            return found;
        });
        String body = one.request().body().toString();
        for (Map.Entry<String, String> name : own.entrySet()) {
            body = body.replace("\"" + name.getKey() + "\":", "\"" + name.getValue() + "\":");
        }
        return new CrmRequest(one.request().method(), one.request().path(), JSON.readTree(body));
    }

    /**
     * The request as one for each of its elements.
     *
     * @param labelled whether it was sent with the CRM's own numbers of a label, for which placeholders are printed
     */
    private static List<String> elements(CrmRequest request, boolean labelled) {
        String call = request.method() + " " + request.path() + " ";
        String list = request.body() == null ? null : request.body().properties().stream().map(Map.Entry::getKey)
                .filter(LISTS::contains).findFirst().orElse(null);
        if (list == null) {
            return List.of(call + sorted(request.body()));
        }
        List<String> elements = new ArrayList<>();
        for (JsonNode element : request.body().get(list)) {
            ObjectNode one = element.deepCopy();
            one.remove("objectWriteTraceId");
            if (labelled || one.at("/types/0/associationCategory").asText().startsWith("<category of ")) {
                one.put("types", "as the CRM numbers the label");
            }
            if (one.has("attributes")) {
                one.remove(ORGS);
            }
            ObjectNode rest = request.body().deepCopy();
            rest.remove(list);
            elements.add(call + sorted(rest) + " " + sorted(one));
        }
        return elements;
    }

    /** The order of an object's members means nothing, nor does how a number is kept. */
    private static String sorted(JsonNode json) {
        if (json == null) {
            return "";
        } else if (json.isObject()) {
            return json.properties().stream().map(one -> one.getKey() + ": " + sorted(one.getValue())).sorted()
                    .collect(Collectors.joining(", ", "{", "}"));
        } else if (json.isArray()) {
            List<String> all = new ArrayList<>();
            json.forEach(one -> all.add(sorted(one)));
            return all.toString();
        }
        return json.isNumber() ? json.decimalValue().stripTrailingZeros().toPlainString() : json.toString();
    }
}
