package io.shopbridge.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.MappingContext;
import io.shopbridge.preview.Previewer;
import io.shopbridge.preview.Preview;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.yaml.InvalidMappings;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "map", description = "Dry run: what a payload would become in a CRM")
class MapApi {

    private final Crms crms;
    private final Stores stores;
    private final ObjectMapper json;
    private final Path mappings;

    MapApi(Crms crms, Stores stores, ObjectMapper json, ShopbridgeSettings settings) {
        this.crms = crms;
        this.stores = stores;
        this.json = json;
        this.mappings = settings.mappingsDir();
    }

    @PostMapping("/api/v1/map")
    @Operation(summary = "Dry run: nothing is written, and no CRM is called. The answer contains personal data")
    @ApiResponse(responseCode = "200", description = "Canonical record, CRM request, and each field with its reason")
    @ApiResponse(responseCode = "400", description = "The payload is not what its topic claims, or an answer with"
            + " errors")
    Preview map(@RequestBody MapRequest request) throws JsonProcessingException {
        if (request.payload() == null || !request.payload().isObject()) {
            throw Problem.badParameter("payload: missing; give the body of a webhook, or an answer of Shopify's"
                    + " API, as a JSON object");
        }
        Crm crm = named("crm", request.crm(), crms.all(), Crm::name);
        Store store = named("store", request.store(), stores.all(), Store::name);
        try {
            // Read each time: a person who edits them checks the result here.
            return new Previewer(crm, new MappingContext(store.name(), store.region(), store.timeZone(),
                    store.domain(), crm.mappingSettings()),
                    Shopify.load(mappings)).preview(json.writeValueAsBytes(request.payload()),
                            Optional.ofNullable(request.topic()), request.crmHas());
        } catch (UnreadablePayload | IllegalArgumentException | InvalidMappings e) {
            throw Problem.badParameter(e.getMessage());
        }
    }

    /** The one of this name; the only one where none is named. */
    private static <T> T named(String what, String name, Collection<T> all, Function<T, String> nameOf) {
        if (name == null && all.size() == 1) {
            return all.iterator().next();
        }
        return all.stream().filter(one -> nameOf.apply(one).equals(name)).findFirst().orElseThrow(() ->
                Problem.badParameter(what + ": " + (name == null ? "missing" : "\"" + name + "\" is not configured")
                        + "; configured: " + all.stream().map(nameOf).sorted().collect(Collectors.joining(", "))));
    }
}
