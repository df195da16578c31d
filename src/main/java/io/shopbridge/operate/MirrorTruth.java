package io.shopbridge.operate;

import io.shopbridge.recount.RecountFault;
import io.shopbridge.recount.RecountTruth;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/** Where the mirror was not as true to a shop as it should be, or nobody knows. */
@Component
public class MirrorTruth {

    private final Cached<List<RecountFault>> faults;

    MirrorTruth(RecountTruth truth) {
        this.faults = new Cached<>(Duration.ofSeconds(30), truth::faults);
    }

    /** At most thirty seconds old. */
    public List<RecountFault> faults() {
        return faults.get();
    }
}
