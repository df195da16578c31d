package io.shopbridge.deliver;

import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.stereotype.Component;

/**
 * Splits a batch for which a step failed as a whole: its halves are delivered at once, then the halves of a half that
 * fails, until the failing record is alone. Each part goes through all steps, which do not repeat what they have done
 * already.
 */
@Component
class Bisection {

    private static final String STEPS = "direct:deliver-records";
    /** After so many that were refused alone, and none that was delivered, it is not for the records. */
    private static final int REFUSALS_THAT_TELL = 8;

    private final ProducerTemplate producer;

    Bisection(ProducerTemplate producer) {
        this.producer = producer;
    }

    /**
     * Delivers the open records of this claim in parts.
     *
     * @return the records that fail alone, with their faults; records without a clear cause are still open after it
     */
    Map<DeliveryRecord, Throwable> deliver(Delivery whole) {
        Map<DeliveryRecord, Throwable> alone = new LinkedHashMap<>();
        Deque<Delivery> parts = new ArrayDeque<>();
        boolean delivered = false;
        // In no order, so that the few that are tried first stand for all.
        List<DeliveryRecord> open = new ArrayList<>(whole.open());
        Collections.shuffle(open);
        addHalves(whole, open, parts);
        while (!parts.isEmpty() && (delivered || refusals(alone) < REFUSALS_THAT_TELL)) {
            Delivery part = parts.remove();
            producer.send(STEPS, ExchangePattern.InOut, exchange -> {
                exchange.setVariable("crm", part.crm().name());
                exchange.setVariable("entity", part.mapping().entity());
                exchange.getMessage().setBody(part);
            });
            if (part.fault() == null) {
                delivered |= part.hasDelivered();
            } else if (part.open().size() > 1) {
                addHalves(part, part.open(), parts);
            } else {
                part.open().forEach(record -> alone.put(record, part.fault()));
            }
        }
        boolean others = delivered;
        alone.values().removeIf(fault -> !(Unusable.isBehind(fault) || others && isRefusal(fault)));
        return alone;
    }

    private static long refusals(Map<DeliveryRecord, Throwable> alone) {
        return alone.values().stream().filter(fault -> !Unusable.isBehind(fault)).count();
    }

    private static boolean isRefusal(Throwable fault) {
        return ExceptionUtils.indexOfType(fault, CrmRefused.class) >= 0
                || ExceptionUtils.indexOfType(fault, CrmGone.class) >= 0;
    }

    private static void addHalves(Delivery whole, List<DeliveryRecord> records, Deque<Delivery> parts) {
        int middle = records.size() / 2;
        parts.add(whole.part(records.subList(0, middle)));
        parts.add(whole.part(records.subList(middle, records.size())));
    }
}
