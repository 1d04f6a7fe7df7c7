using NodaTime;
using NodaTime.Text;

namespace Manzil.Bench;

static class Bodies
{
    public static string Residence(LocalDate from) =>
        $$$"""{"kind": "residence", "from": "{{{LocalDatePattern.Iso.Format(from)}}}", "address": {"locality": "Narvela", "street": "Lesnaya", "building": "12", "unit": "34", "postcode": "101000"}}""";
}
