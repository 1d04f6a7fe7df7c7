using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Manzil.Layout;

/// <summary>
/// What a page is sent stands in its form alone: an address that somebody else wrote, with fields behind the question mark, fills none
/// in. A page that is only read has its fields in the address.
/// </summary>
sealed class FieldsOfForms : IValueProviderFactory
{
    readonly QueryStringValueProviderFactory _address = new();

    public static void Use(MvcOptions options)
    {
        options.ValueProviderFactories.RemoveType<QueryStringValueProviderFactory>();
        options.ValueProviderFactories.RemoveType<JQueryQueryStringValueProviderFactory>();
        options.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();
        options.ValueProviderFactories.Add(new FieldsOfForms());
    }

    public Task CreateValueProviderAsync(ValueProviderFactoryContext context) =>
        HttpMethods.IsPost(context.ActionContext.HttpContext.Request.Method) ? Task.CompletedTask : _address.CreateValueProviderAsync(context);
}
