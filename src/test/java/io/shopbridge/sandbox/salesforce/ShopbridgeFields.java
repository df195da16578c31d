package io.shopbridge.sandbox.salesforce;

import java.util.List;
import java.util.stream.Stream;

/** The custom fields of the shipped Salesforce mappings, as an org that takes them has them; see their NOTES.md. */
public final class ShopbridgeFields {

    private static final List<String> KEYED = List.of("Account", "Contact", "Order", "OrderItem", "Product2",
            "Pricebook2", "PricebookEntry", "Opportunity", "OpportunityLineItem", "Task", "Shopify_Order__c",
            "Shopify_Order_Line__c");
    private static final List<String> CONTACT = List.of("Email_Consent__c string 40", "SMS_Consent__c string 40",
            "Account_State__c string 40", "Tax_Exempt__c boolean", "Tags__c textarea 4000", "Note__c textarea 32000",
            "Orders_Count__c int", "Total_Spent__c double 18.2", "Average_Order_Value__c double 18.2",
            "Spent_Currency__c string 3", "First_Order_At__c datetime", "Last_Order_At__c datetime",
            "First_Order_Source__c string 255", "Created_At__c datetime", "Province_Code__c string 40",
            "Country_Code__c string 40", "Email_Consent_At__c datetime", "Email_Opt_In_Level__c string 40",
            "Email_Consent_From__c string 255", "SMS_Consent_At__c datetime", "SMS_Opt_In_Level__c string 40",
            "SMS_Consent_From__c string 40", "WhatsApp_Consent__c string 40", "WhatsApp_Consent_At__c datetime",
            "WhatsApp_Opt_In_Level__c string 40", "WhatsApp_Consent_From__c string 40");
    private static final List<String> ACCOUNT = List.of("Tax_Id__c string 255", "Customer_Since__c datetime",
            "Note__c textarea 32000", "Location__c string 255");
    private static final List<String> ORIGIN = List.of("Net__c currency 18.2", "Refunded__c currency 18.2",
            "Source__c string 255", "UTM_Source__c string 255", "UTM_Medium__c string 255",
            "UTM_Campaign__c string 255", "UTM_Term__c string 255", "UTM_Content__c string 255", "Locale__c string 255",
            "Channel__c string 255", "Admin_URL__c string 255");
    private static final List<String> ORDER = List.of("Status__c string 40", "Financial_Status__c string 40",
            "Fulfillment_Status__c string 40", "Placed_At__c datetime", "Cancelled_At__c datetime",
            "Total__c currency 18.2", "Discount__c currency 18.2", "Shipping__c currency 18.2", "Tax__c currency 18.2",
            "Discount_Codes__c string 255", "Tracking_Numbers__c string 255", "Tags__c textarea 4000",
            "Attributes__c textarea 4000", "Note__c textarea 32000", "Test__c boolean",
            "Payment_Gateways__c string 255",
            "Cancel_Reason__c string 40", "Return_Status__c string 40", "Risk_Level__c string 40",
            "Outstanding__c currency 18.2", "Tracking_URL__c textarea 1000", "Carrier__c string 255",
            "Shipping_Method__c string 255", "Status_Page__c textarea 1000", "Confirmation_Number__c string 40",
            "First_Visit_At__c datetime", "First_Visit_Source__c string 255", "First_Visit_Page__c string 255");
    private static final List<String> DRAFT = List.of("Draft_Status__c string 40", "Items__c textarea 4000",
            "Note__c textarea 32000", "Tags__c textarea 4000", "Invoice_URL__c textarea 1000");
    private static final List<String> ITEM = List.of("Discount__c currency 18.2", "Current_Quantity__c double 18.2",
            "Refunded_Quantity__c double 18.2", "Attributes__c textarea 4000", "Tax__c currency 18.2",
            "Net__c currency 18.2", "Product_Id__c string 40", "Variant_Id__c string 40", "Vendor__c string 255");

    /** Of the custom objects that take orders where {@code orders: custom} is set, beside what every order has. */
    private static final List<String> CUSTOM_ORDERS = List.of("Shopify_Order__c.Contact__c reference Contact",
            "Shopify_Order__c.Account__c reference Account", "Shopify_Order__c.Shopify_PO_Number__c string 80",
            "Shopify_Order__c.Shopify_Billing_Address__c textarea 1000",
            "Shopify_Order__c.Shopify_Shipping_Address__c textarea 1000",
            "Shopify_Order_Line__c.Shopify_Order__c reference Shopify_Order__c required create-only",
            "Shopify_Order_Line__c.Shopify_Quantity__c double 18.2",
            "Shopify_Order_Line__c.Shopify_Unit_Price__c currency 18.2",
            "Shopify_Order_Line__c.Shopify_SKU__c string 255",
            "Shopify_Order_Line__c.Shopify_Variant__c string 40");

    private ShopbridgeFields() {
    }

    /** Where the doctor can't ask, or its calls would count: an org with these fields from the start. */
    public static Org org() {
        return Org.defaults().withFields(definitions());
    }

    private static List<String> definitions() {
        return Stream.of(CUSTOM_ORDERS.stream(),
                KEYED.stream().map(object -> object + ".Shopbridge_Key__c string 100 external-id unique"),
                of("Shopify_Order__c", ORIGIN), of("Shopify_Order__c", ORDER),
                of("Shopify_Order_Line__c", ITEM), of("Contact", CONTACT), of("Account", ACCOUNT), of("Order", ORIGIN),
                of("Order", ORDER), of("Opportunity", ORIGIN), of("Opportunity", DRAFT), of("OrderItem", ITEM),
                of("OpportunityLineItem", ITEM))
                .flatMap(fields -> fields).toList();
    }

    private static Stream<String> of(String object, List<String> fields) {
        return fields.stream().map(field -> object + ".Shopify_" + field);
    }
}
