package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.KeyForm;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.map.Values;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.shopify.Ids;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares the line items of orders, where these are records of their own in the CRM. Only CRMs that can tell the lines
 * of many orders at once are asked: under them, by a field of the line, or by associations.
 */
final class LineComparison {

    /** In the record id of the link of a line that no order has: a delivery archives what is linked so. */
    private static final String SURPLUS = "surplus-";
    private static final Merge MERGE = new Merge();

    private final Crm crm;
    private final Mapping mapping;
    private final CrmReads reads;
    private final Links links;

    LineComparison(Crm crm, Mapping mapping, CrmReads reads, Links links) {
        this.crm = crm;
        this.mapping = mapping;
        this.reads = reads;
        this.links = links;
    }

    /** What was found of one order. */
    record Found(List<Difference> differences, Set<String> fields) {
    }

    /**
     * The CRM's lines.
     *
     * @param byOrder by the order's id and then by their own
     * @param all     those too that are linked and belong to no order there
     * @param linked  the ids of those that are linked to a line of any order
     */
    private record There(Map<String, Map<String, CrmRecord>> byOrder, Map<String, CrmRecord> all, Set<String> linked) {

        static There nothing() {
            return new There(new HashMap<>(), new HashMap<>(), new HashSet<>());
        }

        void add(Map<String, List<CrmRecord>> ofOrders) {
            ofOrders.forEach((order, lines) -> lines.forEach(line -> {
                byOrder.computeIfAbsent(order, id -> new HashMap<>()).put(line.id(), line);
                all.put(line.id(), line);
            }));
        }
    }

    /** @param leftOut the fields that the orders and their lines are delivered without */
    Map<DeliveryRecord, Found> compare(List<DeliveryRecord> orders, Map<RecordKey, Set<String>> leftOut) {
        Map<DeliveryRecord, Found> found = new HashMap<>();
        if (mapping.children().isEmpty() || orders.isEmpty()) {
            return found;
        }
        Map<String, List<Link>> stored = new HashMap<>();
        links.children(crm.name(), orders.stream().map(DeliveryRecord::key).toList()).forEach(link ->
                stored.computeIfAbsent(link.key().store() + "/" + link.parentId(), id -> new ArrayList<>()).add(link));
        for (ChildMapping child : mapping.children()) {
            RecordLink toOrder = child.links().stream().filter(RecordLink::toParent).findFirst().orElse(null);
            if (child.shared() || child.externalIdField().isEmpty()) {
                continue;
            }
            There there = there(child, toOrder, orders, stored);
            if (there != null) {
                there.linked().addAll(links.to(crm.name(), child.object(), there.all().keySet()).keySet());
                orders.forEach(order -> Unusable.orRejected(order, () -> compare(child, toOrder, order,
                        stored.getOrDefault(order.key().store() + "/" + order.key().recordId(), List.of()), there,
                        leftOut.getOrDefault(order.key(), Set.of()),
                        found.computeIfAbsent(order, one -> new Found(new ArrayList<>(), new LinkedHashSet<>())))));
            }
        }
        return found;
    }

    /** Null where the CRM can't tell the lines of many orders at once. */
    private There there(ChildMapping child, RecordLink toOrder, List<DeliveryRecord> orders,
            Map<String, List<Link>> stored) {
        List<String> ids = orders.stream().map(order -> order.link().crmId()).toList();
        Set<String> names = new HashSet<>(child.fieldNames());
        There there = There.nothing();
        if (crm.can(Operation.CHILDREN_OF_MANY, child.object())) {
            there.add(reads.childrenOfMany(child.object(), names, ids));
            return there;
        }
        if (toOrder != null && toOrder.field() != null && crm.can(Operation.FIND, child.object())) {
            names.add(toOrder.field());
            there.add(reads.under(child.object(), names, toOrder.field(), ids));
            return there;
        }
        boolean isAssociated = toOrder != null && toOrder.associate() != null;
        if (!isAssociated || !crm.can(Operation.ASSOCIATED) || !crm.can(Operation.READ, child.object())) {
            return null;
        }
        Map<String, Set<String>> associated = reads.associated(mapping.object(), child.object(), ids);
        Set<String> wanted = new HashSet<>();
        associated.values().forEach(wanted::addAll);
        stored.values().forEach(all -> all.stream().filter(link -> link.object().equals(child.object()))
                .forEach(link -> wanted.add(link.crmId())));
        there.all().putAll(reads.read(child.object(), names, wanted));
        associated.forEach((order, lines) -> lines.stream().filter(there.all()::containsKey).forEach(line ->
                there.byOrder().computeIfAbsent(order, id -> new HashMap<>()).put(line, there.all().get(line))));
        return there;
    }

    private void compare(ChildMapping child, RecordLink toOrder, DeliveryRecord order, List<Link> stored, There there,
            Set<String> leftOut, Found found) {
        Map<RecordKey, Link> linked = new HashMap<>();
        stored.stream().filter(link -> link.object().equals(child.object())).forEach(link -> linked.put(link.key(), link));
        Map<String, CrmRecord> ofOrder = there.byOrder().getOrDefault(order.link().crmId(), Map.of());
        Set<String> keysToCome = new HashSet<>();
        Set<String> known = new HashSet<>();
        for (JsonNode element : child.each(order.json(), order.context())) {
            RecordKey key = order.related(child.entity(), element.path("id").asText());
            Link link = linked.remove(key);
            CrmRecord line = link == null ? null : there.all().get(link.crmId());
            if (line == null) {
                child.externalId(element, order.context()).ifPresent(keysToCome::add);
                found.differences().add(Difference.ofLine(Kind.MISSING_LINE, order, link, "", null, null));
                continue;
            }
            known.add(line.id());
            if (toOrder != null && !ofOrder.containsKey(line.id())) {
                found.differences().add(Difference.ofLine(Kind.WRONG_PARENT, order, link,
                        child.entity() + "." + toOrder.name(), DeliveryRecord.ASSOCIATION + toOrder.name(), null));
            }
            fields(child, order, element, link, line, leftOut, found);
        }
        // What is linked and no longer in the order, and what has our key and is not linked.
        linked.values().stream().filter(link -> there.all().containsKey(link.crmId())).forEach(link -> {
            known.add(link.crmId());
            found.differences().add(Difference.ofLine(Kind.SURPLUS_LINE, order, link, "", null, null));
        });
        ofOrder.values().stream().filter(line -> !known.contains(line.id())).forEach(line -> {
            JsonNode key = line.values().fields().get(child.externalIdField().orElseThrow());
            if (key != null && !key.asText("").isEmpty() && !keysToCome.contains(key.asText())
                    && !there.linked().contains(line.id()) && isOurs(child, order, key.asText())) {
                Link toArchive = new Link(new RecordKey(order.key().store(), child.entity(), SURPLUS + line.id()),
                        order.key().recordId(), child.object(), line.id(), Map.of());
                found.differences().add(Difference.ofLine(Kind.SURPLUS_LINE, order, toArchive, "", null, null));
            }
        });
    }

    /** Not where a user's own words only look like a key, such as "PO:4711" at the end of a comment. */
    private static boolean isOurs(ChildMapping child, DeliveryRecord order, String key) {
        return KeyForm.of(Values.JSON.createObjectNode().put("store", order.key().store()),
                line -> child.externalId(line, order.context()))
                .map(form -> form.fits(key) && Ids.isId(form.id(key))).orElse(true);
    }

    private void fields(ChildMapping child, DeliveryRecord order, JsonNode element, Link link, CrmRecord line,
            Set<String> leftOut, Found found) {
        MappedRecord mapped = child.map(element, order.context());
        if (!mapped.refusals().isEmpty()) {
            found.differences().add(Difference.ofLine(Kind.REFUSED, order, link, "", null, null));
            return;
        }
        Decision decision = MERGE.decide(child.fields(), mapped, new Base(link.base(), List.of()), line.values(), true,
                order.shopifyTime());
        for (Field field : child.fields()) {
            String name = child.entity() + "." + field.name();
            if (!field.goesToCrm() || mapped.fields().get(field.name()) == null
                    || !Comparison.isReadable(field.name())) {
                continue;
            }
            found.fields().add(name);
            JsonNode value = Comparison.value(line.values(), field.name());
            if (decision.write().containsKey(field.name())
                    && !reads.isRounded(child.object(), field.name(), mapped.fields().get(field.name()), value)) {
                Kind kind = leftOut.contains(name) ? Kind.REFUSED
                        : Comparison.kind(field, link.base().get(field.name()), value);
                found.differences().add(Difference.ofLine(kind, order, link, name, field.name(), value));
            }
        }
    }
}
