using System.Xml.Linq;
using Dapper;
using Manzil.Register;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Manzil.Layout;

/// <summary>The keys that guard forms, in the database, so that a form opened on one node can be sent to another.</summary>
sealed class FormKeys(Database database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.OpenAsync().GetAwaiter().GetResult();
        return connection.Query<string>("select xml from form_key").Select(XElement.Parse).ToList();
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database.OpenAsync().GetAwaiter().GetResult();
        connection.Execute(
            "insert into form_key (id, xml) values (@id, @xml)",
            new { id = $"{friendlyName}-{Guid.NewGuid():N}", xml = element.ToString(SaveOptions.DisableFormatting) });
    }
}
