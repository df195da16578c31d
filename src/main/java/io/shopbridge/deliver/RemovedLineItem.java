package io.shopbridge.deliver;

import io.shopbridge.identify.Link;

/** A line item's CRM record that must be removed. */
record RemovedLineItem(DeliveryRecord order, Link link) {

    String object() {
        return link.object();
    }
}
