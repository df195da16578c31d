package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.springframework.stereotype.Component;

/** How beans ask a CRM something: through the one door out, so that limits and breakers count every call. */
@Component
public class CrmClient {

    private final ProducerTemplate producer;

    CrmClient(ProducerTemplate producer) {
        this.producer = producer;
    }

    /**
     * Makes the call and waits for its answer.
     *
     * @return what the operation's {@code gives} says, an element each
     * @throws CrmFailure where the CRM did not do it
     */
    @SuppressWarnings("unchecked")
    public List<JsonNode> call(CrmCall call) {
        Exchange exchange = producer.send("direct:deliver", ExchangePattern.InOut, e -> e.getMessage().setBody(call));
        Exception failure = exchange.getException();
        if (failure == null) {
            return exchange.getMessage().getBody(List.class);
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw new CrmBusy("No answer from " + call.crm() + ": " + failure.getMessage(), null, failure);
    }
}
