package io.shopbridge.connect;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.Model;
import org.springframework.stereotype.Component;

/**
 * The route templates in {@code routes/}, from which each configured CRM and shop gets routes; available after the context has
 * started.
 */
@Component
public class RouteTemplates {

    private final CamelContext context;

    RouteTemplates(CamelContext context) {
        this.context = context;
    }

    /**
     * A route to be made of a template.
     *
     * @param purpose what the template does, to follow the word which
     * @throws InvalidMappings where {@code routes/} lacks it: a start without it would deliver nothing
     */
    public TemplatedRouteBuilder route(String template, String purpose) {
        if (context.getCamelContextExtension().getContextPlugin(Model.class)
                .getRouteTemplateDefinition(template) == null) {
            throw new InvalidMappings(List.of(new Fault("routes/", 0, "", "there is no route template " + template
                    + ", which " + purpose,
                    "restore it; shopbridge.routes-dir must be the folder itself, not a link to it")));
        }
        return TemplatedRouteBuilder.builder(context, template);
    }
}
