package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.springframework.stereotype.Component;

/**
 * Makes calls to a CRM for beans: through {@code direct:call-crm}, so that rate limits and circuit breaker count every
 * call.
 */
@Component
public class CrmClient {

    /** A CRM that never comes to an end must not fill the memory. */
    private static final int MOST_PAGES = 500;

    private final ProducerTemplate producer;

    CrmClient(ProducerTemplate producer) {
        this.producer = producer;
    }

    /**
     * Makes the call, goes through all pages of its answer and waits for them.
     *
     * @return what the operation's {@code gives} says, an element each
     * @throws CrmFailure where the CRM did not do it
     */
    public List<JsonNode> call(CrmCall call) {
        List<JsonNode> all = new ArrayList<>();
        CrmPage page = page(call, null);
        all.addAll(page.elements());
        for (int pages = 1; page.next() != null && pages < MOST_PAGES; pages++) {
            page = page(call, page.next());
            all.addAll(page.elements());
        }
        return all;
    }

    /**
     * Makes the call for one page and waits for its answer.
     *
     * @param next what the page before gave as its next; null for the first
     * @throws CrmFailure where the CRM did not do it
     */
    @SuppressWarnings("unchecked")
    public CrmPage page(CrmCall call, JsonNode next) {
        CrmCall paged = next == null ? call : call.at(next);
        Exchange exchange = producer.send("direct:call-crm", ExchangePattern.InOut, e -> e.getMessage().setBody(paged));
        Exception failure = exchange.getException();
        if (failure == null) {
            return new CrmPage(exchange.getMessage().getBody(List.class),
                    exchange.getVariable(RestCrm.NEXT, JsonNode.class));
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw new CrmBusy("No answer from " + call.crm() + ": " + failure.getMessage(), null, failure);
    }
}
