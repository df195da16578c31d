package io.shopbridge.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What happens to an order's money, told without a line of the program's code: amounts are whole numbers of the shop
 * currency's smallest unit, and each happening changes what was received, paid back, sold and is left.
 */
final class OrderLife {

    /**
     * The two currencies of an order.
     *
     * @param factor smallest units of the buyer's currency for one of the shop's
     */
    record Currencies(String shop, int shopDigits, String presentment, int presentmentDigits, long factor) {

        boolean one() {
            return shop.equals(presentment);
        }
    }

    /** A line; amounts of one unit, but for the discount, which is of all units that were ever ordered. */
    static final class Line {
        long id;
        String title;
        long price;
        long tax;
        long unitDiscount;
        /** What is left of a discount that doesn't go evenly into the units; stays with the order. */
        long oddDiscount;
        int ordered;
        int removed;
        int back;

        int current() {
            return ordered - removed - back;
        }

        int sold() {
            return ordered - removed;
        }

        long discount() {
            return unitDiscount * ordered + oddDiscount;
        }

        /** What buying or giving back one unit is worth. */
        long unitValue(boolean taxesIncluded) {
            return price - unitDiscount + (taxesIncluded ? 0 : tax);
        }
    }

    enum Money { PENDING, SUCCESS, FAILURE, ERROR }

    /** A refund's transaction. */
    static final class Payment {
        long id;
        long amount;
        Money status;
        long at;
    }

    /** Shopify's refund entries, those that moved no money among them. */
    static final class Refund {
        long id;
        long at;
        boolean ofReturn;
        boolean shippingAsAdjustment;
        long shipping;
        long duties;
        long goodwill;
        final List<Line> lines = new ArrayList<>();
        final List<Integer> units = new ArrayList<>();
        final List<Payment> payments = new ArrayList<>();
    }

    private static final List<Currencies> CURRENCIES = List.of(new Currencies("USD", 2, "USD", 2, 1),
            new Currencies("CAD", 2, "EUR", 2, 3), new Currencies("JPY", 0, "JPY", 0, 1),
            new Currencies("USD", 2, "JPY", 0, 1), new Currencies("KWD", 3, "KWD", 3, 1),
            new Currencies("JPY", 0, "USD", 2, 2));

    final Random random;
    final long id;
    final Currencies currencies;
    final boolean taxesIncluded;
    /** Whether Shopify counts a refund that is under way as paid back in what is outstanding; it doesn't say. */
    final boolean pendingCounts;
    final boolean editsAreRefunds;
    final List<Line> lines = new ArrayList<>();
    final List<Refund> refunds = new ArrayList<>();
    final List<String> story = new ArrayList<>();
    long now;
    long shipping;
    long shippingBack;
    long duties;
    long dutiesBack;
    long goodwill;
    /** What cash payments were rounded by; Shopify keeps it apart. */
    long rounding;
    long tip;
    long authorized;
    long received;
    boolean voided;
    long cancelledAt;
    private long nextId;

    OrderLife(long seed) {
        random = new Random(seed * 0x9E3779B97F4A7C15L);
        id = 5_000_000_000_000L + seed;
        nextId = id * 1000;
        currencies = CURRENCIES.get(random.nextInt(CURRENCIES.size()));
        taxesIncluded = chance(30);
        pendingCounts = chance(50);
        editsAreRefunds = chance(50);
        now = 1_760_000_000L + seed * 100;
        begin();
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    long id() {
        return ++nextId;
    }

    private int upTo(int most) {
        return 1 + random.nextInt(most);
    }

    private void begin() {
        int count = upTo(4);
        for (int i = 0; i < count; i++) {
            lines.add(line(upTo(4)));
        }
        shipping = chance(60) ? upTo(2000) : 0;
        duties = chance(20) ? upTo(900) : 0;
        if (chance(20)) {
            Line line = new Line();
            line.id = id();
            line.title = "Tip";
            line.price = upTo(1500);
            line.ordered = 1;
            lines.add(line);
            tip = line.price;
        }
        rounding = chance(10) ? upTo(4) - 2 : 0;
        int how = random.nextInt(10);
        if (how < 6) {
            received = gross();
        } else if (how < 7) {
            authorized = gross();
        } else if (how < 8) {
            received = Math.max(1, gross() / upTo(5));
        }
        say("placed, received " + received + ", authorized " + authorized);
    }

    private Line line(int units) {
        Line line = new Line();
        line.id = id();
        line.title = chance(10) ? "Gift card" : "Thing " + line.id % 1000;
        line.price = 50 + upTo(9000);
        line.ordered = units;
        line.unitDiscount = chance(60) ? random.nextInt((int) line.price / 2) : 0;
        line.oddDiscount = line.unitDiscount > 0 && units > 1 && chance(50) ? random.nextInt(units) : 0;
        line.tax = chance(60) ? (line.price - line.unitDiscount) * 13 / 100 : 0;
        return line;
    }

    /** Everything that was ever ordered, at what it costs now. */
    long gross() {
        long sum = shipping + duties;
        for (Line line : lines) {
            sum += line.ordered * (line.price + (taxesIncluded ? 0 : line.tax)) - line.discount();
        }
        return sum;
    }

    long current() {
        if (cancelledAt != 0) {
            return 0;
        }
        long sum = gross() - shippingBack - dutiesBack - goodwill;
        for (Line line : lines) {
            sum -= (line.ordered - line.current()) * line.unitValue(taxesIncluded);
        }
        // An odd discount stays when all units have gone.
        return Math.max(0, sum);
    }

    long refunded() {
        return payments(Money.SUCCESS);
    }

    private long payments(Money status) {
        return refunds.stream().flatMap(refund -> refund.payments.stream())
                .filter(payment -> payment.status == status).mapToLong(payment -> payment.amount).sum();
    }

    /** What the shop has. */
    long paid() {
        return received - refunded();
    }

    /** What the shop has, and what is still to come. */
    long net() {
        return Math.max(current(), paid());
    }

    /** As Shopify states it: positive, the buyer owes; an authorization counts as paid. */
    long outstanding() {
        long settled = paid() + (voided ? 0 : authorized);
        return current() - settled + (pendingCounts ? payments(Money.PENDING) : 0);
    }

    String status() {
        if (voided) {
            return "voided";
        } else if (authorized > 0) {
            return "authorized";
        } else if (received == 0) {
            return "pending";
        } else if (refunded() > 0) {
            return paid() <= 0 ? "refunded" : "partially_refunded";
        }
        return outstanding() > 0 ? "partially_paid" : "paid";
    }

    boolean pending() {
        return payments(Money.PENDING) > 0;
    }

    private long owed() {
        return paid() - current();
    }

    /** Lets one thing happen. */
    void step() {
        now += random.nextInt(3) == 0 ? 0 : upTo(5000);
        if (pending()) {
            settle();
            return;
        }
        switch (random.nextInt(10)) {
            case 0 -> pay();
            case 1 -> remove();
            case 2 -> add();
            case 3 -> discount();
            case 4, 5 -> refund();
            case 6 -> exchange();
            case 7 -> payBackWhatIsOwed();
            case 8 -> cancel();
            default -> goodwill();
        }
    }

    private boolean closed() {
        return cancelledAt != 0 || voided;
    }

    private void pay() {
        if (closed()) {
            return;
        } else if (authorized > 0 && chance(30)) {
            voided = true;
            authorized = 0;
            say("voided");
            return;
        }
        long due = current() - paid();
        if (due > 0) {
            received += due;
            authorized = 0;
            say("paid " + due);
        }
    }

    private Line some() {
        List<Line> left = lines.stream().filter(line -> line.current() > 0 && !line.title.equals("Tip")).toList();
        return left.isEmpty() ? null : left.get(random.nextInt(left.size()));
    }

    private void remove() {
        Line line = some();
        if (closed() || authorized > 0 || line == null) {
            return;
        }
        int units = upTo(line.current());
        line.removed += units;
        if (editsAreRefunds) {
            Refund entry = entry();
            entry.lines.add(line);
            entry.units.add(units);
        }
        say("an edit removed " + units + " of " + line.id);
    }

    private void add() {
        if (!closed() && authorized == 0) {
            lines.add(line(upTo(2)));
            say("an edit added a line");
        }
    }

    private void discount() {
        Line line = some();
        if (closed() || authorized > 0 || line == null || line.current() != line.ordered || line.tax > 0) {
            return;
        }
        line.unitDiscount += (line.price - line.unitDiscount) / 3;
        say("an edit took something off " + line.id);
    }

    private Refund entry() {
        Refund refund = new Refund();
        refund.id = id();
        refund.at = now;
        refunds.add(refund);
        return refund;
    }

    /** Lines, shipping and duties, all at once or in part; sometimes the money is only on its way. */
    private void refund() {
        if (closed() || paid() <= 0 || authorized > 0 || owed() > 0) {
            return;
        }
        Refund refund = new Refund();
        long amount = 0;
        Line line = some();
        int units = line == null ? 0 : upTo(line.current());
        long room = paid();
        if (line != null && units * line.unitValue(taxesIncluded) <= room) {
            refund.lines.add(line);
            refund.units.add(units);
            amount += units * line.unitValue(taxesIncluded);
        }
        if (chance(40) && amount + shipping - shippingBack <= room) {
            refund.shipping = shipping - shippingBack;
            refund.shippingAsAdjustment = chance(50);
            amount += refund.shipping;
        }
        if (chance(40) && amount + duties - dutiesBack <= room) {
            refund.duties = duties - dutiesBack;
            amount += refund.duties;
        }
        if (amount == 0 || current() - amount < 0) {
            return;
        }
        // What is owed must be all that is on its way, or webhooks could not tell.
        boolean settled = current() == paid();
        for (int i = 0; i < refund.lines.size(); i++) {
            refund.lines.get(i).back += refund.units.get(i);
        }
        shippingBack += refund.shipping;
        dutiesBack += refund.duties;
        refund.id = id();
        refund.at = now;
        refund.ofReturn = chance(50);
        refunds.add(refund);
        Money status = settled && chance(35) ? Money.PENDING : Money.SUCCESS;
        payments(refund, amount, status);
        say("refund " + refund.id + " of " + amount + " " + status);
    }

    private void payments(Refund refund, long amount, Money status) {
        long first = amount > 1 && chance(25) ? upTo((int) amount - 1) : amount;
        for (long part : first == amount ? new long[] {amount} : new long[] {first, amount - first}) {
            Payment payment = new Payment();
            payment.id = id();
            payment.amount = part;
            payment.status = status;
            payment.at = now;
            refund.payments.add(payment);
        }
    }

    private void settle() {
        for (Refund refund : refunds) {
            for (Payment payment : List.copyOf(refund.payments)) {
                if (payment.status == Money.PENDING) {
                    payment.status = chance(60) ? Money.SUCCESS : chance(50) ? Money.FAILURE : Money.ERROR;
                    payment.at = chance(50) ? now : payment.at;
                    say("payment " + payment.id + " ended as " + payment.status);
                    if (payment.status != Money.SUCCESS && chance(50)) {
                        payments(refund, payment.amount, Money.SUCCESS);
                        say("and was tried again");
                    }
                }
            }
        }
    }

    /** What comes back pays for what goes out: an entry that moves no money, then what is dearer or cheaper. */
    private void exchange() {
        Line line = some();
        if (closed() || authorized > 0 || line == null) {
            return;
        }
        Refund entry = entry();
        entry.ofReturn = true;
        entry.lines.add(line);
        entry.units.add(1);
        line.back++;
        lines.add(line(1));
        say("one of " + line.id + " was exchanged");
    }

    private void payBackWhatIsOwed() {
        if (!voided && owed() > 0) {
            long amount = chance(70) ? owed() : upTo((int) owed());
            payments(entry(), amount, Money.SUCCESS);
            say("paid back " + amount + " that was owed");
        }
    }

    private void goodwill() {
        if (closed() || authorized > 0 || owed() > 0 || paid() <= 1 || current() <= 1) {
            return;
        }
        long amount = upTo((int) Math.min(Math.min(paid(), current()), 500));
        Refund refund = entry();
        refund.goodwill = amount;
        goodwill += amount;
        payments(refund, amount, Money.SUCCESS);
        say("gave " + amount + " back");
    }

    private void cancel() {
        // Of a cancelled order nothing is left; without its entry nobody could tell what an edit had removed.
        if (closed() || !chance(40) || !editsAreRefunds && lines.stream().anyMatch(line -> line.removed > 0)) {
            return;
        }
        now += 120;
        Refund refund = entry();
        for (Line line : lines) {
            if (line.current() > 0) {
                refund.lines.add(line);
                refund.units.add(line.current());
                line.back += line.current();
            }
        }
        cancelledAt = now;
        if (authorized > 0) {
            authorized = 0;
            voided = true;
        } else if (paid() > 0 && chance(70)) {
            payments(refund, chance(70) ? paid() : upTo((int) paid()), Money.SUCCESS);
        }
        say("cancelled");
    }

    private void say(String what) {
        story.add(now + " " + what);
    }
}
