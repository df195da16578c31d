package io.shopbridge.crm;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How much a CRM allows.
 *
 * @param requests calls allowed in a period
 * @param period   its length
 * @param atOnce   calls that may be under way at the same time
 * @param gather   how long changes gather before they are delivered together; zero: not at all
 * @param claim    due records of one kind that are taken on at once; null: as many as the largest call carries
 * @param timeout  how long a call may take; {@code shopbridge.crms.<crm>.timeout} overrides it
 * @param allowedHeader the header that gives the calls allowed in a period; null: there is none
 * @param leftHeader the headers that give the rest of the day's budget; the first that is there counts
 * @param groups   what the CRM counts apart, such as searches, by a name that operations give as their limit
 */
public record CrmLimits(Integer requests, Duration period, Integer atOnce, Duration gather, Integer claim,
        Duration timeout, String allowedHeader, List<String> leftHeader, Map<String, Group> groups) {

    /**
     * Calls that the CRM counts apart from the others, and beside them.
     *
     * @param requests calls of the group allowed in a period
     * @param period   its length
     */
    public record Group(Integer requests, Duration period) {
        /** From one call to the next, if they are spread evenly. */
        public Duration spacing() {
            return period.dividedBy(requests);
        }
    }
}
