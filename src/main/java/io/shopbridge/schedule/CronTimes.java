package io.shopbridge.schedule;

import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import org.quartz.CronExpression;

/** When a job is due, by the cron expression of its route, in this machine's time zone as there. */
public final class CronTimes {

    private CronTimes() {
    }

    /**
     * The first time after this moment; {@link Instant#MAX}: there is none.
     *
     * @param cron as Quartz writes it, and checked by whoever read the setting or by the route that has started with it
     */
    public static Instant after(String cron, Instant moment) {
        try {
            Date next = new CronExpression(cron).getNextValidTimeAfter(Date.from(moment));
            return next == null ? Instant.MAX : next.toInstant();
        } catch (ParseException e) {
            throw new IllegalStateException("The cron expression was checked before", e);
        }
    }
}
