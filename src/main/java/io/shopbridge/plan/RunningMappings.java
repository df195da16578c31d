package io.shopbridge.plan;

import io.shopbridge.crm.Crms;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Which mappings the processes use that share the database. A record that is marked while one of them still uses others
 * may be delivered by that one: nothing of it would be written, and its mark would be gone.
 */
@Component("runningMappings")
public class RunningMappings {

    /** Some times as long as a process waits until it tells again. */
    private static final String FRESH = "interval '30 seconds'";

    private final JdbcTemplate jdbc;
    private final Crms crms;
    private final UUID process = UUID.randomUUID();

    RunningMappings(JdbcTemplate jdbc, Crms crms) {
        this.jdbc = jdbc;
        this.crms = crms;
    }

    private record Open(long plan, List<String> crms) {
    }

    /** Tells of each plan that is not over what this process uses instead. */
    public void tell() {
        jdbc.query("SELECT id, crms FROM plan WHERE ended_at IS NULL AND sample IS NULL", (row, n) ->
                new Open(row.getLong(1), List.of((String[]) row.getArray(2).getArray()))).forEach(open -> jdbc.update("""
                INSERT INTO plan_process (plan, process, digest, seen_at)
                SELECT id, ?, ?, clock_timestamp() FROM plan WHERE id = ? AND ended_at IS NULL
                ON CONFLICT (plan, process) DO UPDATE SET digest = EXCLUDED.digest, seen_at = EXCLUDED.seen_at""",
                process, Plans.digest(crms, open.crms()), open.plan()));
    }

    /** Why the plan can't be applied now, for people; empty where every process uses its mappings. */
    public Optional<String> inTheWayOf(Plan plan) {
        if (!Plans.digest(crms, plan.crms()).equals(plan.digest())) {
            return Optional.of("The mappings that run are not those of plan " + plan.id() + ". Start every instance with the"
                    + " planned folder first, then apply; or plan again with the folder that runs");
        }
        Integer others = jdbc.queryForObject("SELECT count(*) FROM plan_process WHERE plan = ? AND process <> ?"
                + " AND digest <> ? AND seen_at > clock_timestamp() - " + FRESH, Integer.class, plan.id(), process, plan.digest());
        return others == null || others == 0 ? Optional.empty()
                : Optional.of("Of the instances that share this database, " + others + " still ran other mappings than those of"
                        + " plan " + plan.id() + " within the last 30 seconds. Start every instance with the planned folder"
                        + " first, then apply");
    }
}
