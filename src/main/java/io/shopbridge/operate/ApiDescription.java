package io.shopbridge.operate;

import io.swagger.v3.oas.models.info.Info;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.stereotype.Component;

/** Limits the description at /v3/api-docs to what outsiders may rely on. */
@Component
class ApiDescription implements OpenApiCustomizer {

    @Override
    public void customise(io.swagger.v3.oas.models.OpenAPI api) {
        api.setInfo(new Info().title("Shopbridge").version("v1").description("For operators: status, outcomes,"
                + " rejected and held records, dry runs."));
        api.getPaths().keySet().removeIf(path -> !path.startsWith("/api/v1/"));
    }
}
