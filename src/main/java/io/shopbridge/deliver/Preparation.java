package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Identify;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.stream.Stream;

/**
 * Prepares a kind of calls: records that may have been created without an answer wait, to be looked up before they are
 * created again; and line items get the ids of the records that they share with others.
 */
final class Preparation {

    private Preparation() {
    }

    static void of(Kind kind, Delivery delivery) {
        Crm crm = delivery.crm();
        switch (kind) {
            case RECORDS -> createdUnseen(delivery.records().stream()).filter(record -> !crm.knowsRepeats())
                    .forEach(record -> lookUpFirst(crm, record));
            case SHARED -> createdUnseen(delivery.shared().values().stream()).filter(record -> !crm.keepsKeysUnique())
                    .forEach(record -> lookUpFirst(crm, record));
            case LINE_ITEMS -> delivery.mapping().children().forEach(child -> lineItems(delivery, child));
            default -> { }
        }
    }

    private static Stream<DeliveryRecord> createdUnseen(Stream<DeliveryRecord> records) {
        return records.filter(DeliveryRecord::mustBeWritten).filter(DeliveryRecord::isCreating);
    }

    private static void lookUpFirst(Crm crm, DeliveryRecord record) {
        record.waits(crm.title() + " may have created it, but its answer was lost; it is looked up before it is"
                + " created again",
                Instant.now().plus(Identify.UNTIL_SEARCH_FINDS_IT), null);
    }

    private static void lineItems(Delivery delivery, ChildMapping child) {
        Crm crm = delivery.crm();
        for (RecordLink relation : child.links().stream().filter(link -> !link.toParent()).toList()) {
            delivery.children(child).forEach(record ->
                    Unusable.orRejected(record, () -> refer(record, relation, delivery)));
        }
        delivery.children(child).stream().filter(record -> record.link() == null && record.isCreating())
                .filter(record -> !crm.keepsKeysUnique())
                .forEach(record -> record.waits(crm.title() + " may have created a line of it, but its answer was"
                        + " lost; its lines are looked up before any is created again", Instant.now(), null));
    }

    /** Points a line item to what it shares with others; without it, it can't be written. */
    private static void refer(DeliveryRecord record, RecordLink relation, Delivery delivery) {
        DeliveryRecord other = relation.recordId(record.json()).map(id ->
                delivery.shared().get(new RecordKey(record.key().store(), relation.to(), id))).orElse(null);
        if (other != null && other.link() != null) {
            record.refer(relation.field(), TextNode.valueOf(other.link().crmId()));
        } else if (other != null && other.outcome() == Outcome.WAITING) {
            record.waits(other.errors().get(0), other.due(), null);
        } else if (other != null) {
            record.end(Outcome.REJECTED, other.errors());
        }
    }
}
