import { registry } from "@web/core/registry";

// A seller finds a new order on his home page, accepts it and ships it in two parcels.
registry.category("web_tour.tours").add("sales_mgmt_seller_ships", {
    url: "/my",
    steps: () => [
        {
            content: "A new sale waits for him",
            trigger: "a[href='/my/seller/orders?filterby=new']:contains('Sales to accept')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open it",
            trigger: ".o_seller_order:contains('Phone') td a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The address of the buyer is there",
            trigger: ".o_seller_ship_to:contains('Harbour Road 7')",
        },
        {
            content: "Accept",
            trigger: ".o_seller_accept",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is accepted",
            trigger: ".o_seller_notice:contains('accepted')",
        },
        {
            content: "More than was ordered",
            trigger: ".o_seller_ship input[name^='ship_']",
            run: "edit 4",
        },
        {
            content: "With the carrier",
            trigger: ".o_seller_ship input[name='carrier']",
            run: "edit SF Express",
        },
        {
            content: "And the number",
            trigger: ".o_seller_ship input[name='tracking']",
            run: "edit SF100",
        },
        {
            content: "Send",
            trigger: ".o_seller_ship button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is told",
            trigger: ".o_seller_error:contains('3')",
        },
        {
            content: "What was typed is still there; two, then",
            trigger:
                ".o_seller_ship:has(input[name='tracking']:value('SF100')) input[name^='ship_']",
            run: "edit 2",
        },
        {
            content: "Send again",
            trigger: ".o_seller_ship button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The parcel is listed, and one is left",
            trigger: ".o_seller_shipments:contains('SF100')",
        },
        {
            content: "Ship the last one",
            trigger: ".o_seller_ship input[name^='ship_']:value('1')",
        },
        {
            content: "Send the rest",
            trigger: ".o_seller_ship button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "All is shipped, nothing is left to ship",
            trigger: "h3:has(+ .o_seller_state:contains('Shipped'))",
        },
        {
            content: "No form is left",
            trigger: "body:not(:has(form.o_seller_ship))",
        },
    ],
});

// A seller offers a product of the catalogue and submits it.
registry.category("web_tour.tours").add("sales_mgmt_seller_offers", {
    url: "/my/seller/offers",
    steps: () => [
        {
            content: "A new offer",
            trigger: ".o_seller_offer_new",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Look for the product",
            trigger: "input[name='search'][placeholder^='Name']",
            run: "edit Own Case",
        },
        {
            content: "Search",
            trigger: "form[action='/my/seller/offers/new'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Offer it",
            trigger: "tr:contains('Own Case') a.btn",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The price",
            trigger: "input[name='price']",
            run: "edit 55",
        },
        {
            content: "The stock",
            trigger: "input[name='stock_quantity']",
            run: "edit 20",
        },
        {
            content: "Save",
            trigger: ".o_seller_offer_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Submit it",
            trigger: ".o_seller_step_submit button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It waits for its check, and says what is missing",
            trigger: "body:has(.o_seller_state:contains('Submitted')) .o_seller_quality .fa-times",
        },
    ],
});
