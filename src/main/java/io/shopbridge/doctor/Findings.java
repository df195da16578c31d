package io.shopbridge.doctor;

import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.DirectCalls.Answered;
import io.shopbridge.doctor.Finding.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The findings about one store or CRM, in the order of the checks. */
public final class Findings {

    /** Signed requests and tokens of the outside systems bear five minutes at most; half a minute is already odd. */
    private static final Duration CLOCKS_MAY_DIFFER = Duration.ofSeconds(30);
    private static final int MONTHS_OF_WARNING = 3;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;

    private final String about;
    private final Clock clock;
    private final List<Finding> all = new ArrayList<>();

    Findings(String about, Clock clock) {
        this.about = about;
        this.clock = clock;
    }

    public void ok(String what) {
        all.add(new Finding(Level.OK, about, what, null));
    }

    public void note(String what, String todo) {
        all.add(new Finding(Level.NOTE, about, what, todo));
    }

    public void problem(String what, String todo) {
        all.add(new Finding(Level.PROBLEM, about, what, todo));
    }

    /** What the CRM refused, and what to do about it. */
    void refused(Crm crm, String doing, Answered answered) {
        int status = answered.reply().status();
        problem(doing + " was answered " + status + ": " + answered.reason(),
                status < 300 ? "change what it names, in the CRM or in the mapping" : switch (status) {
            case FORBIDDEN -> crm.rightsAdvice().orElse("give these rights to the credentials, or use others that have"
                    + " them");
            case TOO_MANY -> "wait until the limit renews and run doctor again";
            default -> "check shopbridge.crms." + crm.name() + ".base-url"
                    + (crm.apiVersion() == null ? "" : " and .api-version");
        });
    }

    /** Compares the server's clock with ours. */
    public void clock(ApiClient.Reply reply) {
        reply.date().ifPresent(theirs -> {
            Instant ours = clock.instant();
            Duration apart = Duration.between(theirs, ours);
            if (apart.abs().compareTo(CLOCKS_MAY_DIFFER) > 0) {
                problem("the clock of this machine is " + apart.abs().toSeconds() + " s "
                        + (apart.isNegative() ? "behind" : "ahead of") + " the server's", "synchronise this machine's"
                        + " clock"
                        + " with a time service (chrony, systemd-timesyncd): it decides which edit is newer, and"
                        + " whether a token is valid");
            } else {
                ok("clocks agree");
            }
        });
    }

    /** Says until when the version of a CRM's API is supported that is used. */
    public void version(Crm crm) {
        if (crm.supportedUntil().isPresent()) {
            version(crm.apiVersion(), crm.supportedUntil().get(), "add a newer one under api-versions of "
                    + crm.folder() + "/crm.yaml and set shopbridge.crms." + crm.name()
                    + ".api-version to it, after a run in a sandbox account");
        } else if (crm.apiVersion() != null) {
            ok("API version " + crm.apiVersion() + "; crm.yaml doesn't say how long it is supported");
        }
    }

    /** Says until when a version is supported. */
    void version(String version, LocalDate end, String todo) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        if (!end.isAfter(today)) {
            problem("API version " + version + " has been out of support since " + end, todo);
        } else if (end.isBefore(today.plusMonths(MONTHS_OF_WARNING))) {
            note("API version " + version + " is supported only until " + end, todo);
        } else {
            ok("API version " + version + " is supported until " + end);
        }
    }

    List<Finding> all() {
        return all;
    }
}
