package io.shopbridge.sandbox.shop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.shop.State.Address;
import io.shopbridge.sandbox.shop.State.Checkout;
import io.shopbridge.sandbox.shop.State.Company;
import io.shopbridge.sandbox.shop.State.Contact;
import io.shopbridge.sandbox.shop.State.Customer;
import io.shopbridge.sandbox.shop.State.DraftOrder;
import io.shopbridge.sandbox.shop.State.Fulfillment;
import io.shopbridge.sandbox.shop.State.Line;
import io.shopbridge.sandbox.shop.State.Location;
import io.shopbridge.sandbox.shop.State.Order;
import io.shopbridge.sandbox.shop.State.Product;
import io.shopbridge.sandbox.shop.State.Refund;
import io.shopbridge.sandbox.shop.State.Resource;
import io.shopbridge.sandbox.shop.State.Risk;
import io.shopbridge.sandbox.shop.State.Role;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A shop whose days are decided by a seed: the same seed and clock give the same webhooks, byte for byte, in the same
 * order. Buyers register, consent, order, pay, return and vanish; some webhooks come late, twice, or twice under two
 * ids, as Shopify's do. What happens never depends on the time, only the times written in the bodies do.
 * One thread at a time: who looks into it holds its lock.
 */
public final class ShopModel {

    private static final int MOST_CUSTOMERS = 4_000;
    private static final int MOST_ORDERS = 1_500;
    private static final int MOST_CHECKOUTS = 500;
    private static final int MOST_COMPANIES = 200;
    private static final long RISK_APP = 1_354_745L;
    private static final int MOST_DRAFTS = 500;

    // No webhook is held back for longer than this many others.
    private static final int LATEST = 60;

    private static final String[] FIRST = {"Ada", "Grace", "Linus", "Alan", "Edsger", "Barbara", "Donald", "Radia",
            "Niklaus", "Frances", "Kurt", "Emmy", "Carl", "Sofia", "Jean", "Mary", "Claude", "Hedy", "André", "Zoë"};
    private static final String[] LAST = {"Meadow", "Harbour", "Winter", "Quill", "Marsh", "Okafor", "Lindqvist",
            "Rossi", "Núñez", "Schäfer", "Tanaka", "O'Brien", "Kowalska", "Van der Berg", "Silva", "Petrov"};
    private static final String[][] PLACES = {{"Milano", "MI", "Milano", "20121", "Italy", "IT"},
            {"Berlin", null, null, "10115", "Germany", "DE"}, {"Lyon", null, null, "69001", "France", "FR"},
            {"London", "ENG", "England", "N1 7AA", "United Kingdom", "GB"},
            {"Portland", "OR", "Oregon", "97205", "United States", "US"},
            {"Toronto", "ON", "Ontario", "M5V 2T6", "Canada", "CA"}};
    private static final String[][] GOODS = {{"Linen shirt", "Blue / M", "SHIRT-BL-M", "4900"},
            {"Linen shirt", "White / L", "SHIRT-WH-L", "4900"}, {"Coffee mug", null, "MUG-01", "1250"},
            {"Wool blanket", "Grey", "BLANKET-GR", "8900"}, {"Notebook", "A5", "NOTE-A5", "690"},
            {"Candle", "Fig", null, "1890"}, {"Desk lamp", null, "LAMP-7", "12900"}, {"Poster", "50×70", "", "2400"}};
    private static final String[] TAGS = {"vip", "wholesale", "newsletter", "returns often", "b2b", "press"};
    private static final String[] CONSENTS = {"subscribed", "subscribed", "subscribed", "unsubscribed", "pending"};

    private static final String[] TITLES = {"Buyer", "Purchasing", null};

    private record Slot(long due, long order, ShopEvent event) implements Comparable<Slot> {
        @Override
        public int compareTo(Slot other) {
            int byDue = Long.compare(due, other.due);
            return byDue != 0 ? byDue : Long.compare(order, other.order);
        }
    }

    private final long seed;
    private final Random random;
    /** Decides about carts and companies, so that the story of customers and orders is the same without them. */
    private final Random aside;
    /** The same for draft orders. */
    private final Random drafting;
    private final PriorityQueue<Slot> queue = new PriorityQueue<>();
    private final List<Customer> customers = new ArrayList<>();
    private final List<Order> orders = new ArrayList<>();
    private final List<Company> companies = new ArrayList<>();
    private final List<Checkout> checkouts = new ArrayList<>();
    private final List<DraftOrder> drafts = new ArrayList<>();
    private final Set<String> addresses = new HashSet<>();
    private final SearchIndex index = new SearchIndex();
    private Supplier<Instant> time;
    private boolean hasAsides;
    private boolean hasDrafts;
    private int mostCustomers = MOST_CUSTOMERS;
    private int mostOrders = MOST_ORDERS;
    private boolean bodiless;
    private long emitted;
    private long queued;
    private long taken;
    private long ids;
    private long actions;
    private int orderNumber = 1000;
    private int draftNumber;
    private Instant now = Instant.EPOCH;

    /** @param clock gives the times in the events; they never run backwards, whatever the clock does */
    public ShopModel(long seed, Clock clock) {
        this(seed, clock::instant);
    }

    private ShopModel(long seed, Supplier<Instant> time) {
        this.seed = seed;
        this.random = new Random(seed);
        this.aside = new Random(-seed - 1);
        this.drafting = new Random(~seed << 1);
        this.time = time;
    }

    /** A shop in which one action happens every {@code step}, from {@code start} on, without regard to real time. */
    public static ShopModel stepping(long seed, Instant start, Duration step) {
        long[] steps = {0};
        return new ShopModel(seed, () -> start.plus(step.multipliedBy(steps[0]++)));
    }

    /** Has carts and companies too, from now on; called before anything happened. */
    public ShopModel withCartsAndCompanies() {
        hasAsides = true;
        return this;
    }

    /** Has draft orders too, from now on; called before anything happened. */
    public ShopModel withDraftOrders() {
        hasDrafts = true;
        return this;
    }

    /**
     * Keeps every customer and order, instead of the newest; called before anything happened. A hundred thousand orders
     * take some 400 MB.
     */
    public ShopModel keepingAll() {
        mostCustomers = Integer.MAX_VALUE;
        mostOrders = Integer.MAX_VALUE;
        return this;
    }

    /** Lets so many webhooks pass that nobody gets, which is quick: their bodies are not written. */
    public synchronized void pass(long events) {
        bodiless = true;
        for (long i = 0; i < events; i++) {
            next();
        }
        bodiless = false;
    }

    /**
     * Goes on where an earlier shop of the same seed stopped, with carts and companies.
     *
     * @param events how many events that shop has given
     * @param from when it began; its past is spread evenly between then and {@code to}
     */
    static ShopModel resumed(long seed, Clock clock, long events, Instant from, Instant to) {
        long nanos = events == 0 ? 0 : Math.max(0, Duration.between(from, to).dividedBy(events).toNanos());
        ShopModel model = new ShopModel(seed, clock::instant).withCartsAndCompanies();
        model.time = () -> from.plusNanos(nanos * model.taken);
        while (model.taken < events) {
            // Only what may still be queued at the end needs its body.
            model.bodiless = model.taken < events - 4 * LATEST;
            model.next();
        }
        model.bodiless = false;
        model.time = clock::instant;
        return model;
    }

    /** The next webhook to send. */
    public synchronized ShopEvent next() {
        while (queue.isEmpty() || queue.peek().due() > emitted) {
            act();
        }
        taken++;
        return queue.poll().event();
    }

    /** The next {@code n} webhooks. */
    public synchronized List<ShopEvent> events(int n) {
        List<ShopEvent> events = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            events.add(next());
        }
        return events;
    }

    /**
     * A company orders as companies do, with many lines, pays, and sends all of it back.
     *
     * @param lines     of the order, and of its refund
     * @param locations of the company
     * @return the webhooks of that, and those that were late until then
     */
    public synchronized List<ShopEvent> largeOrder(int lines, int locations) {
        now = now.plusSeconds(1);
        Company company = foundCompany();
        while (company.locations.size() < locations) {
            open(company, "Branch " + company.locations.size());
        }
        changed(company);
        employ(company, customers.stream().filter(one -> one.contact == null).findFirst().orElseThrow());
        placeOrder(company.contacts.get(0).customer, Stream.generate(() -> line(aside)).limit(lines).toList(), 0);
        now = now.plusSeconds(1);
        refund(orders.get(orders.size() - 1));
        List<ShopEvent> events = new ArrayList<>();
        while (!queue.isEmpty()) {
            events.add(queue.poll().event());
        }
        taken += events.size();
        return events;
    }

    /** Adds a line to the order that was placed last, as staff do; its webhooks come with the next ones. */
    public synchronized void editLastOrder() {
        now = now.plusSeconds(1);
        Order order = orders.get(orders.size() - 1);
        order.lines.add(line(aside));
        changed(order);
        updated(order);
    }

    /**
     * Takes the customer off the order that was placed last, as staff do; its webhook comes with the next ones.
     *
     * @return the customer's id
     */
    public synchronized long removeCustomerOfLastOrder() {
        now = now.plusSeconds(1);
        Order order = orders.get(orders.size() - 1);
        Customer customer = order.customer;
        customer.orders--;
        order.customer = null;
        order.location = null;
        order.email = null;
        order.phone = null;
        changed(order);
        updated(order);
        return customer.id;
    }

    /** Deletes the order that was placed last. */
    public synchronized void deleteLastOrder() {
        Order order = orders.remove(orders.size() - 1);
        index.remove(order);
        emit("orders/delete", () -> Payloads.orderDeleted(order));
    }

    /**
     * The company that was founded last closes its last location, of which no webhook tells; the company does not change.
     *
     * @return the location's id
     */
    public synchronized long closeLocation() {
        now = now.plusSeconds(1);
        List<Location> locations = companies.get(companies.size() - 1).locations;
        Location closed = locations.remove(locations.size() - 1);
        index.remove(closed);
        return closed.id;
    }

    /**
     * A company that has not ordered is deleted, of which no webhook tells.
     *
     * @return its id
     */
    public synchronized long deleteCompany() {
        now = now.plusSeconds(1);
        Company deleted = companies.stream().filter(company -> orders.stream().noneMatch(order ->
                order.location != null && order.location.company == company)).findFirst().orElseThrow();
        companies.remove(deleted);
        deleted.locations.forEach(index::remove);
        for (Contact contact : deleted.contacts) {
            contact.roles.forEach(index::remove);
            contact.customer.contact = null;
            index.remove(contact);
        }
        index.remove(deleted);
        return deleted.id;
    }

    /** The company that was founded last lets its first buyer order at each of its locations. */
    public synchronized void giveRoles() {
        Contact contact = companies.get(companies.size() - 1).contacts.get(0);
        for (Location location : contact.company.locations) {
            Role role = new Role();
            role.id = id(350_000_000_000L, 0);
            role.contact = contact;
            role.location = location;
            role.name = "Ordering only";
            role.createdAt = now;
            contact.roles.add(role);
            changed(role);
            emit("company_contact_roles/assign", () -> Payloads.role(role), aside);
        }
        changed(contact.customer);
    }

    /** It takes the first of these roles away. */
    public synchronized void revokeRole() {
        now = now.plusSeconds(1);
        Contact contact = companies.get(companies.size() - 1).contacts.get(0);
        Role role = contact.roles.remove(0);
        index.remove(role);
        emit("company_contact_roles/revoke", () -> Payloads.role(role), aside);
        changed(contact.customer);
    }

    /** Shopify and an app assess the risk of the order that was placed last; its webhooks come with the next ones. */
    public synchronized void assessRisk(String byShopify, String byApp) {
        now = now.plusSeconds(1);
        Order order = orders.get(orders.size() - 1);
        order.risks.clear();
        order.risks.addAll(List.of(new Risk(0, byShopify, now), new Risk(RISK_APP, byApp, now)));
        changed(order);
        order.risks.forEach(risk -> emit("orders/risk_assessment_changed", () -> Payloads.risk(order, risk), aside));
    }

    /** Staff offer something to a customer; its webhooks come with the next ones. */
    public synchronized void draft() {
        now = now.plusSeconds(1);
        beginDraft();
    }

    /** The draft order that was made last is paid. */
    public synchronized void completeLastDraft() {
        now = now.plusSeconds(1);
        complete(drafts.get(drafts.size() - 1));
    }

    /** Deletes the draft order that was made last. */
    public synchronized void deleteLastDraft() {
        delete(drafts.get(drafts.size() - 1));
    }

    /** How many webhooks have been given. */
    public synchronized long position() {
        return taken;
    }

    /** The time of what happened last; the shop's own clock shows it. */
    Instant now() {
        return now;
    }

    SearchIndex index() {
        return index;
    }

    /** The present records as their webhooks tell them, of customers, orders, draft_orders, companies or checkouts. */
    synchronized List<ObjectNode> records(String object) {
        return switch (object) {
            case "orders" -> orders.stream().map(Payloads::order).toList();
            case "customers" -> customers.stream().map(Payloads::customer).toList();
            case "draft_orders" -> drafts.stream().map(Payloads::draft).toList();
            case "companies" -> companies.stream().map(Payloads::company).toList();
            case "checkouts" -> checkouts.stream().map(Payloads::checkout).toList();
            default -> throw new IllegalArgumentException("The simulated shop has no " + object);
        };
    }

    /** The present records of a kind. */
    synchronized <T extends Resource> List<T> all(Class<T> kind) {
        return index.all(kind);
    }

    /** Forgets its records, as a shop that begins anew, and goes on. */
    synchronized void clear() {
        customers.clear();
        orders.clear();
        companies.clear();
        checkouts.clear();
        drafts.clear();
        index.clear();
    }

    private void act() {
        Instant clock = time.get();
        now = clock.isAfter(now) ? clock : now.plusMillis(1);
        actions++;
        int dice = random.nextInt(1000);
        if (customers.size() < 5 || dice < 150) {
            registerCustomer();
        } else if (dice < 250) {
            changeCustomer();
        } else if (dice < 310) {
            changeEmailConsent(pick(customers));
        } else if (dice < 345) {
            changeSmsConsent();
        } else if (dice < 400) {
            changeTags();
        } else if (dice < 660 || orders.isEmpty()) {
            placeOrder(dice);
        } else if (dice < 790) {
            pay();
        } else if (dice < 880) {
            fulfil();
        } else if (dice < 915) {
            trackParcel();
        } else if (dice < 940) {
            edit();
        } else if (dice < 965) {
            refund();
        } else if (dice < 985) {
            cancel();
        } else if (dice < 990) {
            deleteOrder();
        } else if (dice < 994) {
            deleteCustomer();
        } else {
            close();
        }
        if (hasAsides) {
            actAside(aside.nextInt(100));
        }
        if (hasDrafts) {
            actDrafting(drafting.nextInt(100));
        }
    }

    private void actDrafting(int dice) {
        if (dice < 8) {
            beginDraft();
        } else if (dice < 16 && !drafts.isEmpty()) {
            changeDraft(drafts.get(drafting.nextInt(drafts.size())));
        } else if (dice < 17 && !drafts.isEmpty()) {
            delete(drafts.get(drafting.nextInt(drafts.size())));
        }
    }

    private void beginDraft() {
        DraftOrder draft = new DraftOrder();
        draft.id = id(5_400_000_000_000L, 0);
        draft.number = ++draftNumber;
        draft.customer = customers.get(drafting.nextInt(customers.size()));
        int lines = 1 + drafting.nextInt(3);
        for (int i = 0; i < lines; i++) {
            draft.lines.add(line(drafting));
        }
        if (drafting.nextInt(4) == 0) {
            draft.lines.forEach(line -> line.discount = line.price * line.quantity / 10);
        }
        draft.shippingPrice = drafting.nextBoolean() ? 590 : 0;
        boolean abroad = drafting.nextInt(4) == 0;
        draft.presentmentCurrency = abroad ? "USD" : Payloads.CURRENCY;
        draft.presentmentRate = abroad ? 1.0843 : 1;
        if (drafting.nextInt(3) == 0) {
            draft.tags.add(TAGS[drafting.nextInt(TAGS.length)]);
        }
        draft.createdAt = now;
        drafts.add(draft);
        changed(draft);
        if (drafts.size() > MOST_DRAFTS) {
            index.remove(drafts.remove(0));
        }
        emit("draft_orders/create", () -> Payloads.draft(draft), drafting);
    }

    private void changeDraft(DraftOrder draft) {
        if (draft.completedAt != null) {
            return;
        }
        switch (drafting.nextInt(4)) {
            case 0 -> draft.invoiceSentAt = now;
            case 1 -> draft.note = "Agreed by phone, " + drafting.nextInt(100);
            case 2 -> draft.lines.add(line(drafting));
            default -> {
                complete(draft);
                return;
            }
        }
        changed(draft);
        emit("draft_orders/update", () -> Payloads.draft(draft), drafting);
    }

    private void complete(DraftOrder draft) {
        draft.completedAt = now;
        draft.order = placeOrder(draft.customer, draft.lines, draft.shippingPrice);
        changed(draft);
        emit("draft_orders/update", () -> Payloads.draft(draft), drafting);
    }

    private void delete(DraftOrder draft) {
        drafts.remove(draft);
        index.remove(draft);
        emit("draft_orders/delete", () -> Payloads.draftDeleted(draft), drafting);
    }

    private void actAside(int dice) {
        if (dice < 6) {
            beginCheckout();
        } else if (dice < 9 && !checkouts.isEmpty()) {
            changeCheckout(checkouts.get(aside.nextInt(checkouts.size())));
        } else if (dice < 10 && !checkouts.isEmpty()) {
            Checkout checkout = checkouts.remove(aside.nextInt(checkouts.size()));
            index.remove(checkout);
            emit("checkouts/delete", () -> Payloads.checkoutDeleted(checkout), aside);
        } else if (dice < 12) {
            if (companies.size() < MOST_COMPANIES) {
                Company company = foundCompany();
                employ(company, customers.get(aside.nextInt(customers.size())));
            }
        } else if (dice < 14 && !companies.isEmpty()) {
            changeCompany(companies.get(aside.nextInt(companies.size())));
        } else if (dice < 15 && !companies.isEmpty()) {
            Company company = companies.get(aside.nextInt(companies.size()));
            employ(company, customers.get(aside.nextInt(customers.size())));
        }
    }

    private void beginCheckout() {
        Customer customer = customers.get(aside.nextInt(customers.size()));
        Checkout checkout = new Checkout();
        checkout.id = id(3_200_000_000_000L, 0);
        checkout.token = uuid("checkout", checkout.id).replace("-", "");
        checkout.customer = customer;
        boolean abroad = aside.nextInt(6) == 0;
        checkout.presentmentCurrency = abroad ? "USD" : Payloads.CURRENCY;
        checkout.presentmentRate = abroad ? 1.0843 : 1;
        checkout.lines.add(line(aside));
        checkout.createdAt = now;
        checkouts.add(checkout);
        changed(checkout);
        if (checkouts.size() > MOST_CHECKOUTS) {
            index.remove(checkouts.remove(0));
        }
        emit("checkouts/create", () -> Payloads.checkout(checkout), aside);
    }

    private void changeCheckout(Checkout checkout) {
        if (checkout.completedAt == null) {
            switch (aside.nextInt(3)) {
                case 0 -> checkout.completedAt = now;
                case 1 -> checkout.note = "Please ring twice";
                default -> checkout.lines.add(line(aside));
            }
            changed(checkout);
            emit("checkouts/update", () -> Payloads.checkout(checkout), aside);
        }
    }

    private Company foundCompany() {
        Company company = new Company();
        company.id = id(310_000_000_000L, 0);
        company.name = LAST[aside.nextInt(LAST.length)] + " & Co " + (companies.size() + 1);
        company.externalId = aside.nextBoolean() ? "C-" + (1000 + companies.size()) : null;
        company.createdAt = now;
        companies.add(company);
        changed(company);
        emit("companies/create", () -> Payloads.company(company), aside);
        open(company, "Headquarters");
        return company;
    }

    private void open(Company company, String name) {
        Location location = new Location();
        location.id = id(320_000_000_000L, 0);
        location.company = company;
        location.name = name;
        location.phone = aside.nextBoolean() ? "+16135550" + (100 + aside.nextInt(900)) : null;
        location.address = address(null, null, aside);
        location.createdAt = now;
        company.locations.add(location);
        changed(location);
        emit("company_locations/create", () -> Payloads.location(location), aside);
    }

    private void employ(Company company, Customer customer) {
        if (customer.contact != null) {
            return;
        }
        Contact contact = new Contact();
        contact.id = id(330_000_000_000L, 0);
        contact.company = company;
        contact.customer = customer;
        contact.title = TITLES[aside.nextInt(TITLES.length)];
        contact.createdAt = now;
        customer.contact = contact;
        company.contacts.add(contact);
        boolean isFirst = company.mainContact == null;
        if (isFirst) {
            company.mainContact = contact;
            changed(company);
        }
        changed(contact);
        changed(customer);
        emit("company_contacts/create", () -> Payloads.contact(contact), aside);
        if (isFirst) {
            emit("companies/update", () -> Payloads.company(company), aside);
        }
    }

    private void changeCompany(Company company) {
        Location location = company.locations.get(0);
        if (aside.nextBoolean()) {
            company.note = "Net " + 15 * (1 + aside.nextInt(4));
            changed(company);
            emit("companies/update", () -> Payloads.company(company), aside);
        } else {
            location.taxExempt = !location.taxExempt;
            changed(location);
            // The list of companies is asked for by the time of the company, which moves with its locations.
            changed(company);
            emit("company_locations/update", () -> Payloads.location(location), aside);
        }
    }

    private void registerCustomer() {
        Customer customer = new Customer();
        customer.id = id(7_012_345_000_000L, 31);
        boolean nameless = random.nextInt(40) == 0;
        customer.firstName = nameless ? null : FIRST[random.nextInt(FIRST.length)];
        customer.lastName = nameless || random.nextInt(14) == 0 ? null : LAST[random.nextInt(LAST.length)];
        customer.email = random.nextInt(25) == 0 ? null : email(customer.firstName, customer.lastName);
        customer.phone = customer.email == null || random.nextInt(3) == 0 ? phone() : null;
        customer.state = random.nextInt(4) == 0 ? "enabled" : "disabled";
        customer.address = random.nextInt(8) == 0 ? null : address(customer.firstName, customer.lastName);
        customer.createdAt = now;
        customers.add(customer);
        changed(customer);
        if (customers.size() > mostCustomers) {
            index.remove(customers.remove(0));
        }
        emit("customers/create", () -> Payloads.customer(customer));
        if (random.nextInt(10) < 6) {
            changeEmailConsent(customer);
        }
    }

    private void changeCustomer() {
        Customer customer = pick(customers);
        switch (random.nextInt(6)) {
            case 0 -> customer.lastName = LAST[random.nextInt(LAST.length)];
            case 1 -> customer.phone = phone();
            case 2 -> customer.note = random.nextInt(3) == 0 ? null : "Prefers parcels before noon \u2615, call "
                    + random.nextInt(100);
            case 3 -> customer.taxExempt = !customer.taxExempt;
            case 4 -> customer.email = customer.email == null || random.nextInt(3) == 0
                    ? email(customer.firstName, customer.lastName) : customer.email;
            default -> customer.address = address(customer.firstName, customer.lastName);
        }
        changed(customer);
        emit("customers/update", () -> Payloads.customer(customer));
    }

    private void changeEmailConsent(Customer customer) {
        String state = CONSENTS[random.nextInt(CONSENTS.length)];
        if (customer.email == null) {
            return;
        }
        customer.emailConsent = state;
        customer.emailConsentAt = now;
        changed(customer);
        emit("customers_email_marketing_consent/update", () -> Payloads.emailConsent(customer));
    }

    private void changeSmsConsent() {
        Customer customer = pick(customers);
        if (customer.phone == null) {
            customer.phone = phone();
            changed(customer);
            emit("customers/update", () -> Payloads.customer(customer));
        }
        customer.smsConsent = random.nextInt(3) == 0 ? "unsubscribed" : "subscribed";
        customer.smsConsentAt = now;
        changed(customer);
        emit("customers_marketing_consent/update", () -> Payloads.smsConsent(customer));
    }

    private void changeTags() {
        Customer customer = pick(customers);
        String tag = TAGS[random.nextInt(TAGS.length)];
        boolean added = customer.tags.add(tag);
        if (!added) {
            customer.tags.remove(tag);
        }
        changed(customer);
        emit(added ? "customer.tags_added" : "customer.tags_removed",
                () -> Payloads.tags(customer, List.of(tag), now));
    }

    private void placeOrder(int dice) {
        Order order = new Order();
        order.id = id(5_600_000_000_000L, 101);
        order.number = ++orderNumber;
        order.token = UUID.nameUUIDFromBytes((seed + "/order/" + order.id).getBytes()).toString().replace("-", "");
        order.sourceName = "web";
        order.landingSite = random.nextInt(3) == 0 ? "/?utm_source=news&utm_campaign=autumn" : "/";
        order.referringSite = random.nextInt(3) == 0 ? "https://search.example/" : null;
        boolean abroad = random.nextInt(6) == 0;
        order.presentmentCurrency = abroad ? "USD" : Payloads.CURRENCY;
        order.presentmentRate = abroad ? 1.0843 : 1;
        if (dice < 405) {
            // A gift card sold by another channel: nobody to attach it to.
            order.sourceName = "376951341057";
            order.lines.add(giftCard());
        } else if (dice < 440) {
            Customer known = pick(customers);
            order.email = random.nextInt(3) == 0 && known.email != null ? known.email
                    : email(FIRST[random.nextInt(FIRST.length)], null);
            order.billing = address(FIRST[random.nextInt(FIRST.length)], LAST[random.nextInt(LAST.length)]);
            order.shipping = order.billing;
        } else {
            order.customer = pick(customers);
            order.customer.orders++;
            order.email = order.customer.email;
            order.phone = order.customer.phone;
            order.billing = order.customer.address;
            order.shipping = order.customer.address;
            order.location = order.customer.contact == null ? null
                    : order.customer.contact.company.locations.get(0);
        }
        if (order.lines.isEmpty()) {
            int wanted = 1 + random.nextInt(3);
            for (int i = 0; i < wanted; i++) {
                order.lines.add(line());
            }
            order.shippingPrice = random.nextBoolean() ? 590 : 0;
        }
        if (random.nextInt(5) == 0) {
            order.discountCode = "AUTUMN10";
            order.lines.forEach(line -> line.discount = line.price * line.quantity / 10);
        }
        if (random.nextInt(6) == 0) {
            order.tags.add(TAGS[random.nextInt(TAGS.length)]);
            order.tags.add("gift");
        }
        order.note = random.nextInt(8) == 0 ? "Leave it with the neighbour, please" : null;
        order.test = random.nextInt(60) == 0;
        order.discounts = order.lines.stream().mapToLong(line -> line.discount).sum();
        order.subtotal = order.currentSubtotal();
        order.total = order.currentTotal();
        order.createdAt = now;
        orders.add(order);
        changed(order);
        if (order.customer != null) {
            order.customer.lastOrder = order;
            changed(order.customer);
        }
        if (orders.size() > mostOrders) {
            index.remove(orders.remove(0));
        }
        emit("orders/create", () -> Payloads.order(order));
        if (random.nextInt(10) < 7) {
            markPaid(order);
        } else if (order.customer != null && random.nextInt(3) == 0) {
            emit("customers/update", () -> Payloads.customer(order.customer));
        }
    }

    private Order placeOrder(Customer customer, List<Line> lines, long shippingPrice) {
        Order order = new Order();
        order.id = id(5_600_000_000_000L, 0);
        order.number = ++orderNumber;
        order.token = uuid("order", order.id).replace("-", "");
        order.sourceName = "web";
        order.landingSite = "/";
        order.presentmentCurrency = Payloads.CURRENCY;
        order.presentmentRate = 1;
        order.customer = customer;
        order.email = customer.email;
        order.phone = customer.phone;
        order.billing = customer.address;
        order.shipping = customer.address;
        order.location = customer.contact == null ? null : customer.contact.company.locations.get(0);
        order.lines.addAll(lines);
        order.shippingPrice = shippingPrice;
        order.discounts = lines.stream().mapToLong(line -> line.discount).sum();
        order.subtotal = order.currentSubtotal();
        order.total = order.currentTotal();
        order.createdAt = now;
        orders.add(order);
        changed(order);
        customer.orders++;
        customer.lastOrder = order;
        changed(customer);
        emit("orders/create", () -> Payloads.order(order));
        now = now.plusSeconds(1);
        markPaid(order);
        return order;
    }

    private void pay() {
        Order order = pickOrder(one -> one.financialStatus.equals("pending") && one.cancelledAt == null);
        if (order != null) {
            markPaid(order);
        }
    }

    private void markPaid(Order order) {
        order.financialStatus = "paid";
        order.received = order.currentTotal();
        changed(order);
        emit("orders/paid", () -> Payloads.order(order));
        updated(order);
    }

    private void fulfil() {
        Order order = pickOrder(one -> one.isPaid() && one.cancelledAt == null && open(one));
        if (order == null) {
            return;
        }
        boolean whole = order.lines.size() == 1 || random.nextInt(3) > 0;
        Fulfillment fulfillment = new Fulfillment();
        fulfillment.id = id(4_400_000_000_000L, 0);
        fulfillment.number = order.fulfillments.size() + 1;
        fulfillment.tracking = "DHL" + (100_000 + random.nextInt(900_000));
        fulfillment.createdAt = now;
        fulfillment.updatedAt = now;
        for (Line line : order.lines) {
            int rest = line.current() - line.fulfilled;
            if (rest > 0 && (whole || fulfillment.lines.isEmpty())) {
                fulfillment.lines.add(line);
                fulfillment.quantities.add(rest);
                line.fulfilled += rest;
            }
        }
        order.fulfillments.add(fulfillment);
        boolean done = !open(order);
        order.fulfillmentStatus = done ? "fulfilled" : "partial";
        changed(order);
        emit("fulfillments/create", () -> Payloads.fulfillment(order, fulfillment));
        emit(done ? "orders/fulfilled" : "orders/partially_fulfilled", () -> Payloads.order(order));
        updated(order);
    }

    private void trackParcel() {
        Order order = pickOrder(one -> !one.fulfillments.isEmpty());
        if (order == null) {
            return;
        }
        Fulfillment fulfillment = order.fulfillments.get(order.fulfillments.size() - 1);
        fulfillment.shipmentStatus = fulfillment.shipmentStatus == null ? "in_transit" : "delivered";
        fulfillment.updatedAt = now;
        changed(order);
        emit("fulfillments/update", () -> Payloads.fulfillment(order, fulfillment));
        updated(order);
    }

    private void edit() {
        Order order = pickOrder(one -> one.cancelledAt == null && one.closedAt == null && one.refunds.isEmpty());
        if (order == null) {
            return;
        }
        Line removed = order.lines.stream().filter(line -> line.current() - line.fulfilled > 0).findFirst()
                .filter(line -> order.lines.size() > 1 && random.nextBoolean()).orElse(null);
        Line added = removed == null ? line() : null;
        if (removed != null) {
            removed.removed++;
        } else {
            order.lines.add(added);
            order.subtotal += added.net(added.quantity);
            order.total += added.net(added.quantity);
            if (order.financialStatus.equals("paid")) {
                order.financialStatus = "partially_paid";
            }
            if ("fulfilled".equals(order.fulfillmentStatus)) {
                order.fulfillmentStatus = "partial";
            }
        }
        changed(order);
        long editId = id(3_300_000_000_000L, 0);
        emit("orders/edited", () -> Payloads.orderEdited(order, editId, added, removed, now));
        updated(order);
    }

    private void refund() {
        Order order = pickOrder(one -> one.isPaid() && one.cancelledAt == null && one.currentSubtotal() > 0);
        if (order == null) {
            return;
        }
        boolean whole = random.nextInt(3) == 0;
        Refund refund = begin(random.nextBoolean() ? "Things were damaged" : null);
        for (Line line : order.lines) {
            if (line.current() > 0 && (whole || refund.lines.isEmpty())) {
                int quantity = whole ? line.current() : 1;
                refund.add(line, quantity);
            }
        }
        refunded(order, refund);
    }

    /** The whole order. */
    private void refund(Order order) {
        Refund refund = begin(null);
        order.lines.forEach(line -> refund.add(line, line.current()));
        refunded(order, refund);
    }

    private Refund begin(String note) {
        Refund refund = new Refund();
        refund.id = id(8_800_000_000_000L, 0);
        refund.note = note;
        refund.createdAt = now;
        return refund;
    }

    private void refunded(Order order, Refund refund) {
        order.refunds.add(refund);
        order.financialStatus = order.currentTotal() == 0 ? "refunded" : "partially_refunded";
        changed(order);
        emit("refunds/create", () -> Payloads.refund(order, refund));
        updated(order);
    }

    private void cancel() {
        Order order = pickOrder(one -> one.cancelledAt == null && one.fulfillments.isEmpty());
        if (order == null) {
            return;
        }
        order.cancelReason = random.nextBoolean() ? "customer" : "inventory";
        order.cancelledAt = now;
        order.closedAt = now;
        order.financialStatus = order.financialStatus.equals("pending") ? "voided" : "refunded";
        changed(order);
        emit("orders/cancelled", () -> Payloads.order(order));
        updated(order);
    }

    private void close() {
        Order order = pickOrder(one -> one.closedAt == null && "fulfilled".equals(one.fulfillmentStatus));
        if (order != null) {
            order.closedAt = now;
            changed(order);
            updated(order);
        }
    }

    private void deleteOrder() {
        Order order = pickOrder(one -> one.cancelledAt != null);
        if (order != null) {
            orders.remove(order);
            index.remove(order);
            emit("orders/delete", () -> Payloads.orderDeleted(order));
        }
    }

    // Shopify refuses to delete a customer who has orders.
    private void deleteCustomer() {
        Customer customer = pick(customers);
        if (customer.orders == 0) {
            customers.remove(customer);
            index.remove(customer);
            emit("customers/delete", () -> Payloads.customerDeleted(customer));
        }
    }

    private void changed(Resource resource) {
        resource.updatedAt = now;
        index.put(resource);
    }

    private void updated(Order order) {
        emit("orders/updated", () -> Payloads.order(order));
    }

    // Bodies are written at once: the record may have changed again before the event is taken.
    private void emit(String topic, Supplier<ObjectNode> payload) {
        emit(topic, payload, random);
    }

    private void emit(String topic, Supplier<ObjectNode> payload, Random random) {
        ShopEvent event = new ShopEvent(topic, uuid("webhook", queued), uuid("event", actions), now,
                bodiless ? new byte[0] : Json.bytes(payload.get()));
        int dice = random.nextInt(100);
        int delay = 3 + random.nextInt(LATEST / 2);
        enqueue(event, dice < 4 ? delay : 0);
        if (dice == 4 || dice == 5) {
            enqueue(event, delay);
        } else if (dice == 6) {
            enqueue(new ShopEvent(topic, uuid("webhook again", queued), event.eventId(), now, event.body()), delay);
        }
        emitted++;
    }

    private void enqueue(ShopEvent event, int delay) {
        queue.add(new Slot(emitted + delay, queued++, event));
    }

    private String uuid(String kind, long number) {
        return UUID.nameUUIDFromBytes((seed + "/" + kind + "/" + number).getBytes()).toString();
    }

    private static boolean open(Order order) {
        return order.lines.stream().anyMatch(line -> line.current() > line.fulfilled);
    }

    private Order pickOrder(Predicate<Order> wanted) {
        for (int tries = 0; tries < 30; tries++) {
            Order order = orders.get(random.nextInt(orders.size()));
            if (wanted.test(order)) {
                return order;
            }
        }
        return null;
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    // Every now and then an id beyond 2^53, which a double cannot hold; Shopify's own examples have such ids.
    private long id(long base, int hugeEvery) {
        ids++;
        return hugeEvery > 0 && ids % hugeEvery == 0 ? 820_982_911_946_000_001L + ids * 10 : base + ids * 100;
    }

    private Line line() {
        return line(random);
    }

    private Line line(Random random) {
        String[] good = GOODS[random.nextInt(GOODS.length)];
        Line line = new Line();
        line.id = id(14_000_000_000_000L, 71);
        line.title = good[0];
        line.variant = good[1];
        line.sku = good[2];
        line.price = Long.parseLong(good[3]);
        line.quantity = 1 + random.nextInt(3);
        line.productId = 6_329_103_920_000L + Math.abs(good[0].hashCode());
        line.product = product(line.productId, good[0]);
        line.variantId = random.nextInt(30) == 0 ? 0 : 8_089_508_100_000L
                + Math.abs((good[0] + " " + good[1]).hashCode());
        line.grams = 200 + random.nextInt(900);
        return line;
    }

    /** A product is in the shop since it was first sold. */
    private Product product(long id, String title) {
        Product product = (Product) index.get(Payloads.gid("Product", id));
        if (product == null) {
            product = new Product();
            product.id = id;
            product.title = title;
            product.createdAt = now;
            changed(product);
        }
        return product;
    }

    private Line giftCard() {
        Line line = new Line();
        line.id = id(14_000_000_000_000L, 0);
        line.title = "Gift card";
        line.price = 5_000;
        line.quantity = 1;
        line.giftCard = true;
        return line;
    }

    /** An address that nobody has yet: Shopify gives one address to one customer only. */
    private String email(String first, String last) {
        String name = ((first == null ? "buyer" : first) + (last == null ? "" : "." + last)).replaceAll("[^A-Za-z.]", "");
        String plain = name + random.nextInt(100_000) + "@example.com";
        while (!addresses.add(plain.toLowerCase(Locale.ROOT))) {
            plain = name + random.nextInt(100_000) + "@example.com";
        }
        return random.nextInt(20) == 0 ? plain : plain.toLowerCase(Locale.ROOT);
    }

    private String phone() {
        return phone(random);
    }

    private static String phone(Random random) {
        return random.nextBoolean() ? "+39347" + (1_000_000 + random.nextInt(9_000_000))
                : "+1503555" + (1000 + random.nextInt(9000));
    }

    private Address address(String first, String last) {
        return address(first, last, random);
    }

    private Address address(String first, String last, Random random) {
        String[] place = PLACES[random.nextInt(PLACES.length)];
        Address address = new Address();
        address.firstName = first;
        address.lastName = last;
        address.company = random.nextInt(6) == 0 ? "Riverside Trading" : null;
        address.street = 1 + random.nextInt(200) + " Orchard Street" + (random.nextInt(40) == 0 ? " \uD83C\uDFE1" : "");
        address.city = place[0];
        address.provinceCode = place[1];
        address.province = place[2];
        address.zip = place[3];
        address.country = place[4];
        address.countryCode = place[5];
        address.phone = switch (random.nextInt(5)) {
            case 0 -> "(639) 372 1289";
            case 1 -> "555-555-SHIP";
            case 2 -> "";
            case 3 -> phone(random);
            default -> null;
        };
        return address;
    }
}
