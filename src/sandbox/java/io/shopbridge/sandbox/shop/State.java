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

    static final class Customer {
        long id;
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
        Instant createdAt;
        Instant updatedAt;
        int orders;
    }

    static final class Line {
        long id;
        long productId;
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
    }

    static final class Order {
        long id;
        int number;
        Customer customer;
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
        long shippingPrice;
        long total;
        long subtotal;
        long discounts;
        String financialStatus = "pending";
        String fulfillmentStatus;
        String cancelReason;
        String token;
        boolean test;
        Instant createdAt;
        Instant updatedAt;
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

        boolean isPaid() {
            return financialStatus.equals("paid") || financialStatus.equals("partially_refunded");
        }
    }

    private State() {
    }
}
