package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.Mapping;
import io.shopbridge.work.Work;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Wakes the deliveries of records whose time has come. One question for all CRMs and entities: if each delivery asked for
 * itself, an installation at rest would ask dozens of times a second.
 */
@Component("dueWork")
public class DueWork {

    private final Crms crms;
    private final Work work;

    DueWork(Crms crms, Work work) {
        this.crms = crms;
        this.work = work;
    }

    public void ring() {
        work.ringForDue(crms.all().stream().collect(Collectors.toMap(Crm::name,
                crm -> crm.mappings().stream().map(Mapping::entity).toList())));
    }
}
