package io.shopbridge.sandbox.shop;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the simulated shop knows; amounts in cents of the shop's currency. */
final class State {

    static final class Address {
        String firstName;
        String lastName;
        String company;
        String street;
        String city;
        String province;
        String provinceCode;
        String zip;
        String country;
        String countryCode;
        String phone;
    }

    /** What the API finds by its id, and by the time of its last change. */
    abstract static class Resource {
        long id;
        Instant createdAt;
        Instant updatedAt;

        /** Its type in the API, which is the middle of its global id. */
        abstract String type();

        final String gid() {
            return Payloads.gid(type(), id);
        }
    }

    static final class Customer extends Resource {
        String firstName;
        String lastName;
        String email;
        String phone;
        String state = "disabled";
        String note;
        boolean taxExempt;
        String emailConsent = "not_subscribed";
        String smsConsent;
        Instant emailConsentAt;
        Instant smsConsentAt;
        final Set<String> tags = new TreeSet<>();
        Address address;
        int orders;
        /** The one placed last; null before the first. */
        Order lastOrder;
        /** Of the company that this customer buys for; null for others. */
        Contact contact;

        @Override
        String type() {
            return "Customer";
        }
    }

    static final class Product extends Resource {
        String title;

        @Override
        String type() {
            return "Product";
        }
    }

    static final class Line {
        long id;
        long productId;
        /** Null for what has none, such as a gift card. */
        Product product;
        long variantId;
        String title;
        String variant;
        String sku;
        long price;
        int quantity;
        int refunded;
        int removed;
        int fulfilled;
        long discount;
        int grams;
        boolean giftCard;

        int current() {
            return quantity - refunded - removed;
        }

        /** What one piece brings after its share of the discount. */
        long net(int pieces) {
            return price * pieces - discount * pieces / Math.max(1, quantity);
        }
    }

    static final class Fulfillment {
        long id;
        int number;
        String shipmentStatus;
        String tracking;
        Instant createdAt;
        Instant updatedAt;
        final List<Line> lines = new ArrayList<>();
        final List<Integer> quantities = new ArrayList<>();
    }

    static final class Refund {
        long id;
        long amount;
        String note;
        Instant createdAt;
        final List<Line> lines = new ArrayList<>();
        final List<Integer> quantities = new ArrayList<>();

        void add(Line line, int quantity) {
            lines.add(line);
            quantities.add(quantity);
            amount += line.net(quantity);
            line.refunded += quantity;
        }
    }

    /**
     * What somebody says of the risk that an order is fraudulent.
     *
     * @param app its id; 0: Shopify says so
     */
    record Risk(long app, String level, Instant at) {
    }

    static final class Order extends Resource {
        int number;
        Customer customer;
        /** Where the company buys that the customer bought for; null for others. */
        Location location;
        String email;
        String phone;
        Address billing;
        Address shipping;
        String sourceName;
        String landingSite;
        String referringSite;
        String discountCode;
        String note;
        String presentmentCurrency;
        double presentmentRate;
        final List<Risk> risks = new ArrayList<>();
        long shippingPrice;
        long total;
        long subtotal;
        long discounts;
        String financialStatus = "pending";
        String fulfillmentStatus;
        String cancelReason;
        String token;
        boolean test;
        /** What the buyer has paid so far, refunds not subtracted. */
        long received;
        Instant cancelledAt;
        Instant closedAt;
        final Set<String> tags = new TreeSet<>();
        final List<Line> lines = new ArrayList<>();
        final List<Fulfillment> fulfillments = new ArrayList<>();
        final List<Refund> refunds = new ArrayList<>();

        long currentSubtotal() {
            return lines.stream().mapToLong(line -> line.net(line.current())).sum();
        }

        long currentTotal() {
            return cancelledAt != null ? 0 : currentSubtotal() + shippingPrice;
        }

        /** A cancelled order gave everything back; the shop writes no refund for it. */
        long refunded() {
            return cancelledAt != null ? received : refunds.stream().mapToLong(refund -> refund.amount).sum();
        }

        /** Negative where the shop is to pay something back, as after an edit that took lines off. */
        long outstanding() {
            return currentTotal() - (received - refunded());
        }

        @Override
        String type() {
            return "Order";
        }

        boolean isPaid() {
            return financialStatus.equals("paid") || financialStatus.equals("partially_refunded");
        }
    }

    /** A company that buys, with the places it buys for and the customers who buy for it. */
    static final class Company extends Resource {
        String name;
        String note;
        String externalId;
        Contact mainContact;
        final List<Location> locations = new ArrayList<>();
        final List<Contact> contacts = new ArrayList<>();

        @Override
        String type() {
            return "Company";
        }
    }

    static final class Location extends Resource {
        Company company;
        String name;
        String phone;
        boolean taxExempt;
        Address address;

        @Override
        String type() {
            return "CompanyLocation";
        }
    }

    static final class Contact extends Resource {
        Company company;
        Customer customer;
        String title;
        final List<Role> roles = new ArrayList<>();

        @Override
        String type() {
            return "CompanyContact";
        }
    }

    /** What a contact may do at a location. */
    static final class Role extends Resource {
        Contact contact;
        Location location;
        String name;

        @Override
        String type() {
            return "CompanyContactRoleAssignment";
        }
    }

    static final class Checkout extends Resource {
        String token;
        Customer customer;
        String note;
        String presentmentCurrency;
        double presentmentRate;
        Instant completedAt;
        final List<Line> lines = new ArrayList<>();

        long subtotal() {
            return lines.stream().mapToLong(line -> line.price * line.quantity).sum();
        }

        @Override
        String type() {
            return "AbandonedCheckout";
        }
    }

    /** What staff offer to a customer; completed, it names the order that it became. */
    static final class DraftOrder extends Resource {
        int number;
        Customer customer;
        String note;
        Instant invoiceSentAt;
        Instant completedAt;
        /** Null until it is completed. */
        Order order;
        long shippingPrice;
        String presentmentCurrency;
        double presentmentRate;
        final Set<String> tags = new TreeSet<>();
        final List<Line> lines = new ArrayList<>();

        String status() {
            return completedAt != null ? "completed" : invoiceSentAt != null ? "invoice_sent" : "open";
        }

        long subtotal() {
            return lines.stream().mapToLong(line -> line.net(line.quantity)).sum();
        }

        @Override
        String type() {
            return "DraftOrder";
        }
    }

    private State() {
    }
}
