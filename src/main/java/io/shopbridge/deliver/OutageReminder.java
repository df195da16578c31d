package io.shopbridge.deliver;

import io.shopbridge.crm.Outages;
import io.shopbridge.work.Work;
import org.springframework.stereotype.Component;

/** Logs repeatedly which CRMs accept nothing, and how many records wait for them. */
@Component("outageReminder")
public class OutageReminder {

    private final Outages outages;
    private final Work work;

    OutageReminder(Outages outages, Work work) {
        this.outages = outages;
        this.work = work;
    }

    public void remind() {
        outages.remind(work::waiting);
    }
}
