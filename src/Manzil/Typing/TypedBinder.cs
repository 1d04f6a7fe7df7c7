using Manzil.Layout;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;

namespace Manzil.Typing;

/// <summary>
/// The door of the pages: no text reaches a page but as <see cref="TypedText"/> read it. A page that takes text and does not say of
/// which kind does not open.
/// </summary>
public sealed class TypedBinder : IModelBinderProvider
{
    public static void Use(MvcOptions options) => options.ModelBinderProviders.Insert(0, new TypedBinder());

    /// <summary>Whether the door had something to say of a field: then the page shows it, and does nothing.</summary>
    public static bool IsWrong(ModelStateDictionary state, string field) => state.TryGetValue(field, out var entry) && entry.Errors.Count > 0;

    /// <summary>Whether a field of this request's form has more characters than may be: nothing is done, and all of it stays to be shortened.</summary>
    public static bool HasTooLong(HttpContext http) => http.Items.ContainsKey(typeof(TypedBinder));

    public IModelBinder? GetBinder(ModelBinderProviderContext context)
    {
        if (context.Metadata.ModelType != typeof(string)) return null;
        var typed = (context.Metadata as DefaultModelMetadata)?.Attributes.Attributes.OfType<TypedAttribute>().FirstOrDefault()
            ?? throw new InvalidOperationException($"{context.Metadata.ContainerType?.Name} {context.Metadata.Name} takes text and does not say of which kind: [Typed(TextKind.…)].");
        return new Binder(typed);
    }

    sealed class Binder(TypedAttribute of) : IModelBinder
    {
        public Task BindModelAsync(ModelBindingContext context)
        {
            var (name, state) = (context.ModelName, context.ModelState);
            var given = context.ValueProvider.GetValue(name);
            if (given == ValueProviderResult.None) return Task.CompletedTask;
            var raw = given.FirstValue ?? "";
            var typed = TypedText.Of(of.Kind, raw);
            var isTooLong = typed.Fault == TypedText.TooLong || (of.Max > 0 && typed.Text.EnumerateRunes().Count() > of.Max);
            // A form that is shown again shows what can be sent.
            state.SetModelValue(name, raw, typed.Fault == TypedText.TooLong ? raw : typed.Text);
            var texts = context.HttpContext.RequestServices.GetRequiredService<Texts>();
            if (isTooLong)
            {
                context.HttpContext.Items[typeof(TypedBinder)] = true;
                var written = (typed.Fault == TypedText.TooLong ? raw : typed.Text).EnumerateRunes().Count();
                state.TryAddModelError(name, of.Max > 0 ? texts["field.too-long", ("written", written), ("most", of.Max)] : texts[$"fault.{TypedText.TooLong}"]);
            }
            else if (typed.Fault is { } fault)
            {
                state.TryAddModelError(name, texts[$"fault.{fault}"]);
            }

            context.Result = ModelBindingResult.Success(string.IsNullOrWhiteSpace(typed.Text) ? null : typed.Text);
            return Task.CompletedTask;
        }
    }
}
