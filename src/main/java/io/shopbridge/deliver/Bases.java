package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.identify.Link;
import io.shopbridge.map.Field;
import io.shopbridge.map.Owner;
import io.shopbridge.merge.Base;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * The values last written of a record and of the other records of its person, and the fields that it may therefore
 * write.
 */
@Component
class Bases {

    private final Persons persons;

    Bases(Persons persons) {
        this.persons = persons;
    }

    Base of(Delivery delivery, DeliveryRecord record) {
        return ofLinks(delivery, record, record.link() == null ? Map.of()
                : persons.takenOver(delivery.crm(), record, delivery.person(record)));
    }

    /** @param takenOver what the record takes over of others of its person */
    static Base ofLinks(Delivery delivery, DeliveryRecord record, Map<String, JsonNode> takenOver) {
        if (record.link() == null) {
            return Base.NONE;
        }
        List<Link> person = delivery.person(record);
        List<Link> others = person.stream().filter(link -> !link.key().equals(record.key())).toList();
        List<Map<String, JsonNode>> theirs = others.stream().map(Link::base).toList();
        boolean follows = Persons.follows(record, person);
        if (record.guest()) {
            return new Base(record.link().base(), theirs, follows);
        }
        // A customer takes over the fields that only Shopify writes from the same person as a guest, and clears empty
        // ones.
        Map<String, JsonNode> own = new LinkedHashMap<>();
        others.stream().filter(link -> link.key().store().equals(record.key().store()) && link.key().isGuest())
                .forEach(link -> own.putAll(link.base()));
        own.keySet().retainAll(delivery.mapping().fields().stream().filter(field -> field.owner() == Owner.SHOPIFY)
                .map(Field::name).toList());
        own.putAll(record.link().base());
        own.putAll(takenOver);
        return new Base(own, theirs, follows);
    }

    /**
     * Which fields may be written. A guest who has an account by now, or whose contact was found, fills only empty
     * fields: the account's data counts more than what was typed at one checkout.
     */
    static List<Field> fields(Delivery delivery, DeliveryRecord record) {
        List<Field> all = delivery.mapping().fields();
        if (!record.guest() || record.link() == null || !hasAccount(delivery, record)) {
            return all;
        }
        return all.stream().filter(field -> field.owner() == Owner.SHOPIFY_ON_CREATE).toList();
    }

    private static boolean hasAccount(Delivery delivery, DeliveryRecord record) {
        boolean wasThereBefore = record.link().base().containsKey(Link.FOUND);
        return wasThereBefore || delivery.person(record).stream().anyMatch(link -> !link.key().isGuest());
    }

    /** This record's opt-outs count at once for the records of the same person that are merged after it. */
    static void heed(Delivery delivery, DeliveryRecord record) {
        Map<String, JsonNode> noes = OptOuts.in(delivery.mapping(), record.baseWithAssociations());
        if (record.link() != null && !noes.isEmpty()) {
            delivery.persons().computeIfPresent(record.link().crmId(), (id, person) -> person.stream().map(link -> {
                if (!link.key().equals(record.key())) {
                    return link;
                }
                Map<String, JsonNode> base = new LinkedHashMap<>(link.base());
                base.putAll(noes);
                return new Link(link.key(), link.parentId(), link.object(), link.crmId(), base);
            }).toList());
        }
    }
}
