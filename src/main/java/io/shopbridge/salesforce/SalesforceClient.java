package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.StringJoiner;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.springframework.stereotype.Component;

/** How this package calls an org: through the route that holds its limit and its circuit breaker. */
@Component
class SalesforceClient {

    private final ProducerTemplate producer;

    SalesforceClient(ProducerTemplate producer) {
        this.producer = producer;
    }

    /**
     * Makes the call and waits for its answer.
     *
     * @throws CrmFailure where Salesforce did not do it; what it says of single rows is in the answer
     */
    JsonNode call(SalesforceRequest request) {
        return answer(request, JsonNode.class);
    }

    /** As {@link #call}, of a request that is answered in CSV. */
    byte[] csv(SalesforceRequest request) {
        return answer(request, byte[].class);
    }

    private <T> T answer(SalesforceRequest request, Class<T> type) {
        Exchange exchange = producer.send("direct:http-" + request.crm(), ExchangePattern.InOut,
                e -> e.getMessage().setBody(request));
        Exception failure = exchange.getException();
        if (failure == null) {
            return exchange.getMessage().getBody(type);
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw new CrmBusy("No answer from " + request.crm() + ": " + failure.getMessage(), null, failure);
    }

    /** All records that a SOQL query finds, however many pages they are. */
    ArrayNode query(SalesforceOrg org, String soql) {
        return records(org, "/query?q=" + encoded(soql));
    }

    /** The same with those in the recycle bin. */
    ArrayNode queryAll(SalesforceOrg org, String soql) {
        return records(org, "/queryAll?q=" + encoded(soql));
    }

    private ArrayNode records(SalesforceOrg org, String first) {
        ArrayNode records = JsonNodeFactory.instance.arrayNode();
        String path = first;
        while (path != null) {
            JsonNode page = call(new SalesforceRequest(org.crm().name(), "query", "GET", path, null));
            page.path("records").forEach(records::add);
            path = page.hasNonNull("nextRecordsUrl") ? page.get("nextRecordsUrl").asText() : null;
        }
        return records;
    }

    /** Inserts rows, or upserts them by our key; the answer has an element for each row, in their order. */
    JsonNode write(SalesforceOrg org, String object, boolean upsert, List<ObjectNode> rows) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("allOrNone", false);
        for (ObjectNode row : rows) {
            ObjectNode typed = body.withArray("records").addObject();
            typed.putObject("attributes").put("type", object);
            typed.setAll(row);
        }
        return call(new SalesforceRequest(org.crm().name(), (upsert ? "upsert of " : "insert of ") + object,
                upsert ? "PATCH" : "POST",
                "/composite/sobjects" + (upsert ? "/" + object + "/" + Salesforce.KEY : ""), body));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Texts as SOQL's IN takes them: {@code ('a','b')}. */
    static String in(Collection<String> texts) {
        StringJoiner list = new StringJoiner(",", "(", ")");
        texts.forEach(text -> list.add("'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"));
        return list.toString();
    }

    static <T> List<List<T>> inBatches(Collection<T> all, int size) {
        List<T> list = List.copyOf(all);
        List<List<T>> batches = new ArrayList<>();
        for (int from = 0; from < list.size(); from += size) {
            batches.add(list.subList(from, Math.min(list.size(), from + size)));
        }
        return batches;
    }
}
