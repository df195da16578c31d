package io.shopbridge.deliver;

import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import java.util.List;
import org.springframework.stereotype.Component;

/** The third step: maps each record. It makes no calls. */
@Component("mapping")
public class MappingStep {

    private final Persons persons;

    MappingStep(Persons persons) {
        this.persons = persons;
    }

    public void map(Delivery delivery) {
        delivery.persons(persons.of(delivery.crm(), delivery.mapping().object(),
                delivery.records().stream().filter(record -> !record.decided()).toList()));
        List<DeliveryRecord> undecided = delivery.undecided();
        persons.figures(undecided, delivery.persons());
        undecided.forEach(record -> Unusable.orRejected(record, () -> map(delivery.mapping(), record)));
    }

    private static void map(Mapping mapping, DeliveryRecord record) {
        MappedRecord values = record.values(mapping);
        record.mapped(values);
        record.fields(mapping.fields());
        if (!values.refusals().isEmpty()) {
            record.end(Outcome.REJECTED, values.refusals());
        }
    }
}
