package io.shopbridge.reconcile;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.store.InvalidSettings;
import java.math.BigDecimal;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.quartz.CronExpression;

/**
 * What an operator sets for the reconciliations of one CRM, under {@code shopbridge.crms.<crm>}.
 *
 * @param cron    when one begins by itself; {@code off}: never
 * @param share   percent of the CRM's limit of calls that one may use
 * @param calls   how many calls such a one may make a night; it goes on in the next one. Null: no limit
 * @param repairs the classes of differences that such a one repairs
 * @param target  percent of the compared records that should agree, in every field
 * @param duplicates whether all contacts of the CRM are listed, to find those that share an e-mail or phone
 */
public record ReconcileSettings(String cron, int share, Long calls, Set<Kind> repairs, BigDecimal target, boolean duplicates) {

    public static final String OFF = "off";
    static final String DUPLICATES = "reconcile-duplicates";
    static final String CALLS = "reconcile-calls";
    private static final String NONE = "none";
    private static final String ALL = "all";
    private static final BigDecimal USUAL_TARGET = new BigDecimal("99.9");

    /**
     * @param usualCron where the CRM has none of its own
     * @throws InvalidSettings where one can't be read
     */
    public static ReconcileSettings of(Crm crm, String usualCron) {
        return new ReconcileSettings(cron(crm, usualCron), share(crm), calls(crm), repairs(crm), target(crm),
                duplicates(crm));
    }

    private static String cron(Crm crm, String usual) {
        String cron = crm.setting("reconcile").orElse(usual);
        if (isOff(cron)) {
            return OFF;
        }
        try {
            CronExpression.validateExpression(cron);
            return cron;
        } catch (ParseException e) {
            throw wrong(crm, "reconcile", cron, "no cron expression (" + e.getMessage() + "); write second, minute, hour,"
                    + " day, month and weekday, as in \"0 23 1 * * ?\", or off");
        }
    }

    /** YAML readers make false of an off without quotes. */
    private static boolean isOff(String value) {
        return value.equals(OFF) || value.equals("false");
    }

    static boolean duplicates(Crm crm) {
        String given = crm.setting(DUPLICATES).orElse("on");
        if (!isOff(given) && !List.of("on", "true").contains(given)) {
            throw wrong(crm, DUPLICATES, given, "neither on nor off");
        }
        return !isOff(given);
    }

    private static int share(Crm crm) {
        String share = crm.setting("reconcile-share").orElse("20");
        if (!share.matches("[1-9][0-9]?|100")) {
            throw wrong(crm, "reconcile-share", share, "no percentage; write a number from 1 to 100");
        }
        return Integer.parseInt(share);
    }

    private static Long calls(Crm crm) {
        Optional<String> calls = crm.setting(CALLS);
        if (calls.isPresent() && !calls.get().matches("[1-9][0-9]{0,8}")) {
            throw wrong(crm, CALLS, calls.get(), "no number of calls; write how many a night may have, as in 20000");
        }
        return calls.map(Long::valueOf).orElse(null);
    }

    private static Set<Kind> repairs(Crm crm) {
        String given = crm.setting("reconcile-repairs").orElse(NONE);
        try {
            return kinds(Arrays.asList(given.split("\\s*,\\s*")));
        } catch (IllegalArgumentException e) {
            throw wrong(crm, "reconcile-repairs", given, e.getMessage());
        }
    }

    /** @param crm empty: it is not configured any more */
    public static BigDecimal target(Optional<Crm> crm) {
        return crm.map(ReconcileSettings::target).orElse(USUAL_TARGET);
    }

    private static BigDecimal target(Crm crm) {
        String target = crm.setting("reconcile-target").orElse(USUAL_TARGET.toString());
        if (!target.matches("100|[0-9]{1,2}(\\.[0-9]{1,4})?")) {
            throw wrong(crm, "reconcile-target", target, "no percentage; write one, as in 99.9");
        }
        return new BigDecimal(target);
    }

    /**
     * Classes of differences by their words; {@code all} and {@code none} are words too, {@code all} without those that a
     * person must ask for by their own.
     *
     * @throws IllegalArgumentException where there is none of a word; a sentence for people
     */
    public static Set<Kind> kinds(List<String> words) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String word : words) {
            if (word.equals(ALL)) {
                mended().stream().filter(kind -> !kind.isOnlyByWord()).forEach(kinds::add);
            } else if (!word.equals(NONE)) {
                Kind kind = Kind.of(word);
                if (kind == null || !kind.isMended()) {
                    throw new IllegalArgumentException("there is nothing to repair by \"" + word + "\"; write " + ALL
                            + ", " + NONE + " or some of " + mended().stream().map(Kind::word)
                                    .collect(Collectors.joining(", ")));
                }
                kinds.add(kind);
            }
        }
        return kinds;
    }

    private static List<Kind> mended() {
        return Stream.of(Kind.values()).filter(Kind::isMended).toList();
    }

    private static InvalidSettings wrong(Crm crm, String setting, String value, String what) {
        return new InvalidSettings("shopbridge.crms." + crm.name() + "." + setting + ": \"" + value + "\": " + what);
    }

    /** How long to wait after so many calls, so that no more than the share of the CRM's limit is used. */
    Duration pause(Crm crm, int calls) {
        return pause(crm.limits().period(), crm.limits().requests(), calls);
    }

    /** The same after one call of this operation, which the CRM may count apart. */
    Duration pauseAfter(Crm crm, Operation operation, String object) {
        return crm.operations().limit(operation, object).map(crm.limits().groups()::get)
                .map(group -> pause(group.period(), group.requests(), 1)).orElseGet(() -> pause(crm, 1));
    }

    private Duration pause(Duration period, int requests, int calls) {
        return period.multipliedBy(calls * 100L).dividedBy((long) share * requests);
    }
}
