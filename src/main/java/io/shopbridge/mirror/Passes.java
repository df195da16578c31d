package io.shopbridge.mirror;

import io.shopbridge.doorbell.DoorbellEndpoint;
import io.shopbridge.inbox.Pass;
import io.shopbridge.inbox.WaitingEvents;
import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** How passes end: well, or by a failure for which one of their events may be to blame. */
@Component("passes")
public class Passes {

    private static final Logger LOG = LoggerFactory.getLogger(Passes.class);
    /** Passes in a row that lose the database before one of their events is suspected. */
    private static final int LOST_PASSES = 3;

    private final WaitingEvents waiting;
    private int lost;
    private volatile Instant lastEnd = Instant.now();

    Passes(WaitingEvents waiting) {
        this.waiting = waiting;
    }

    /** When a pass last ended well, whether or not there was anything to take. */
    Instant lastEnd() {
        return lastEnd;
    }

    /** What waited longest is in the mirror or rejected; the exchange is told to come again where more may wait. */
    public void ended(@Variable(Pass.VARIABLE) Pass pass, Exchange exchange) {
        lost = 0;
        lastEnd = Instant.now();
        if (pass.isFull()) {
            DoorbellEndpoint.again(exchange);
        }
    }

    /**
     * The pass failed and nothing of it is done. Where one of its events may be to blame, returns what is to be tried
     * instead: the halves, or of a single event its rejection.
     *
     * @throws Exception what failed, where no event is to blame: the database is away
     */
    public List<Pass> failed(@Variable(Pass.VARIABLE) Pass pass,
            @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure) throws Exception {
        // So Camel hands on what is no exception: a stack that is too deep, a heap that is too small.
        Throwable fault = failure instanceof CamelExecutionException ? failure.getCause() : failure;
        // Judged by the oldest alone: a suspect, or half of a pass that failed otherwise, waits for a database that is away.
        boolean lossCounts = pass.isOfOldest() ? DatabaseFailure.isAway(fault) && ++lost >= LOST_PASSES
                : pass.lossCounts();
        if (pass.ids().isEmpty() || pass.rejection().isPresent() || !mayBeTheEvents(fault, lossCounts)) {
            throw failure;
        }
        if (pass.ids().size() > 1) {
            return pass.halves(lossCounts);
        }
        LOG.error("Event {} can't be brought into the mirror: {}", pass.ids().get(0), DatabaseFailure.place(fault));
        return List.of(pass.rejected("Shopbridge can't bring what the body says into the mirror ("
                + DatabaseFailure.kind(fault) + "); report it with the bytes"));
    }

    /** A database that answers, but not these events again and again, is not away. */
    private boolean mayBeTheEvents(Throwable fault, boolean lossCounts) {
        return !DatabaseFailure.isOutage(fault)
                || DatabaseFailure.isAway(fault) && lossCounts && waiting.answers();
    }
}
