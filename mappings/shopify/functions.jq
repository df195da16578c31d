# What the files of this folder share. Shopify's REST webhooks are the shape to reach:
# https://shopify.dev/docs/api/webhooks/2026-10

# gid://shopify/MailingAddress/12?model_name=CustomerAddress is "12": text, because ids pass 2^53.
def plain_id: if type == "string" then split("?") | .[0] | split("/") | last else null end;

# SINGLE_OPT_IN is single_opt_in.
def word: if type == "string" then ascii_downcase else null end;

def one_of($words): . as $word | [$words[] | select(. == $word)] | length > 0;

# A connection's elements, however they were asked for. The other pages are in it already; where they could not be had,
# it says because of what, and a part of an order's lines must not pass for all of them.
def elements:
  if type == "array" then .[]
  elif type != "object" then empty
  elif .pageInfo.hasNextPage then error("a list has more pages than this one"
    + (if .pageInfo.because then ": " + .pageInfo.because
      else "; ask for the others and put them together" end))
  else .nodes[]?, .edges[]?.node end;

# GraphQL writes 25 as "25.0"; webhooks write it with the currency's decimals: "25.00", "25" in yen, "25.000" in dinars.
# Which currency has how many: https://github.com/Shopify/money/blob/main/config/currency_iso.yml
def amount:
  (.currencyCode // "unknown") as $currency
  | (.amount | tostring) as $amount
  | ($amount | split(".")) as $parts
  | ($parts[1] // "") as $decimals
  | if $decimals == "" then $amount
    elif $decimals == "0" and ("BIF BYR CLP DJF GNF ISK JPY KMF KRW MGA MRU PYG RWF UGX VND VUV XAF XOF XPF"
      | contains($currency)) then $parts[0]
    elif "BHD IQD JOD KWD LYD OMR TND" | contains($currency) then $parts[0] + "." + ($decimals + "00" | .[0:3])
    elif ($decimals | length) == 1 then $amount + "0"
    else $amount end;

def one_money: if type == "object" then { amount: amount, currency_code: .currencyCode } else null end;

def money:
  if type == "object" then {
    shop_money: (.shopMoney | one_money),
    presentment_money: (.presentmentMoney | one_money)
  } else null end;

# A list that can't say that it was cut: one more was asked for than is read.
def up_to($most):
  if type == "array" and length > $most then
    error("a list has more than \($most) elements; ask for the others and put them together")
  else elements end;

def name_values: [elements | { name: .key, value: .value }];

def metafields: [elements | { namespace: .namespace, key: .key, value: .value, type: .type }];

def postal_address: {
  first_name: .firstName,
  last_name: .lastName,
  name: .name,
  company: .company,
  address1: .address1,
  address2: .address2,
  city: .city,
  province: .province,
  province_code: .provinceCode,
  country: .country,
  country_code: .countryCodeV2,
  zip: .zip,
  phone: .phone
};

def address:
  if type == "object" then postal_address
    + (if has("latitude") then { latitude: .latitude, longitude: .longitude } else {} end) else null end;

# A customer's own addresses have ids, and one of them is the default.
def customer_address($customer):
  if type == "object" then postal_address + {
    id: (.id | plain_id),
    customer_id: ($customer.id | plain_id),
    country_name: .country,
    default: (.id == ($customer | .defaultAddress | .id))
  } else null end;

def company:
  if type == "object" then {
    admin_graphql_api_id: .id,
    name: .name,
    note: .note,
    external_id: .externalId,
    main_contact_admin_graphql_api_id: (.mainContact | .id),
    customer_since: .customerSince,
    created_at: .createdAt,
    updated_at: .updatedAt
  } else null end;

# A buyer of a company, as one of its contacts says it.
def company_contact($customer): {
  admin_graphql_api_id: .id,
  customer_admin_graphql_api_id: $customer,
  title: .title,
  created_at: .createdAt,
  updated_at: .updatedAt,
  company: (.company | company)
};

# Never subscribed is not subscribed: two enums of Shopify's say the same with two words.
def consent_state: word | if . == "never_subscribed" then "not_subscribed" else . end;

def email_consent:
  if .defaultEmailAddress then .defaultEmailAddress | {
    state: (.marketingState | consent_state),
    opt_in_level: (.marketingOptInLevel | word),
    consent_updated_at: .marketingUpdatedAt,
    consent_collected_from: .sourceLocation.name,
    email_address: .emailAddress
  } else null end;

def phone_consent($number): {
  state: (.state | consent_state),
  opt_in_level: (.optInLevel | word),
  consent_updated_at: .updatedAt,
  consent_collected_from: (.collectedFrom | word)
} + $number;

def sms_consent:
  .defaultPhoneNumber.phoneNumber as $phone
  | .defaultPhoneNumber.smsMarketingConsent
  | if . then phone_consent({ phone: $phone }) else null end;

def whats_app_consent:
  .defaultPhoneNumber.phoneNumber as $phone
  | .defaultPhoneNumber.whatsAppMarketingConsent
  | if . then phone_consent({ phone_number: $phone }) else null end;

# Fields that were not asked for are not said to be empty.
def asked(names; fields): if [has(names)] | any then fields else {} end;

def customer:
  . as $customer
  | if type == "object" then [
    { id: (.id | plain_id), admin_graphql_api_id: .id },
    asked("defaultEmailAddress", "email"; { email: (.defaultEmailAddress.emailAddress // .email) }),
    asked("defaultPhoneNumber", "phone"; { phone: (.defaultPhoneNumber.phoneNumber // .phone) }),
    asked("firstName"; { first_name: .firstName }),
    asked("lastName"; { last_name: .lastName }),
    asked("state"; { state: (.state | word) }),
    asked("note"; { note: .note }),
    asked("verifiedEmail"; { verified_email: .verifiedEmail }),
    asked("taxExempt"; { tax_exempt: .taxExempt }),
    asked("lastOrder", "amountSpent"; {
      currency: (.lastOrder.presentmentCurrencyCode // .amountSpent.currencyCode)
    }),
    asked("createdAt"; { created_at: .createdAt }),
    asked("updatedAt"; { updated_at: .updatedAt }),
    asked("defaultAddress"; { default_address: (.defaultAddress | customer_address($customer)) }),
    (if .addressesV2 then { addresses: [.addressesV2 | elements | customer_address($customer)] } else {} end),
    asked("defaultEmailAddress"; { email_marketing_consent: email_consent }),
    asked("defaultPhoneNumber"; { sms_marketing_consent: sms_consent, whats_app_marketing_consent: whats_app_consent }),
    asked("tags"; { tags: .tags }),
    asked("companyContactProfiles"; { company_ids: [.companyContactProfiles[]? | .company.id | plain_id] }),
    (if has("companyContactProfiles") and ([.companyContactProfiles[]? | has("roleAssignments")] | all) then
      { company_role_ids: [.companyContactProfiles[]? | .roleAssignments | elements | .companyLocation.id | plain_id] }
      else {} end),
    (if .metafields then { metafields: (.metafields | metafields) } else {} end)
  ] | add else null end;
