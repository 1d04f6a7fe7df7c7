using System.CommandLine;
using System.Reflection;
using Manzil.Layout;
using Manzil.Tests.Gates;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Tests.Typing;

/// <summary>
/// Every text that people type comes in by one door: doors.txt is the table of what comes in where, and of which kind it is. A page that
/// takes text past the door does not open (TypedBinder); who else reads a request's text by itself stands in the list with why.
/// </summary>
public class DoorsTests
{
    [Fact]
    public void Doors_EveryTextThatComesIn_IsOnTheListWithItsKind()
    {
        var listed = Repository.Read("tests/Manzil.Tests/Typing/doors.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Select(l => l.Split(" # ")[0].Trim()).ToHashSet();
        var found = Pages().Concat(Commands(Program.Commands(), "manzil")).Concat(Members()).Concat(Readers()).ToHashSet();
        var differs = found.Except(listed).Select(l => "+ " + l).Concat(listed.Except(found).Select(l => "- " + l)).Order(StringComparer.Ordinal).ToList();
        Assert.True(differs.Count == 0, "doors.txt differs:\n" + string.Join('\n', differs));
        Assert.True(found.Count > 100, $"{found.Count} lines");
    }

    // What Members finds is all that there is: nobody makes such a table for one reading and throws it away.
    [Fact]
    public void Members_OfEveryDoor_StandInAStaticField()
    {
        var made = CompiledCode.Whole.Mentions.Where(m => m is { Call: true, Target: "Manzil.Typing.TypedMembers..ctor" }).Select(m => m.Place).ToList();
        Assert.NotEmpty(made);
        Assert.All(made, place => Assert.EndsWith("..cctor", place, StringComparison.Ordinal));
        Assert.Equal(made.Count, Tables().Count());
    }

    // The list above is worth what this finds: a page that forgets its kind.
    [Fact]
    public void Doors_PropertyWithoutAKind_IsFound() => Assert.Contains("past the door", KindOf(typeof(Forgetful).GetProperty(nameof(Forgetful.Words))!), StringComparison.Ordinal);

    sealed class Forgetful : PageModel
    {
        [BindProperty]
        public string? Words { get; set; }
    }

    static IEnumerable<string> Pages()
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var page in typeof(Program).Assembly.GetTypes().Where(t => typeof(PageModel).IsAssignableFrom(t) && !t.IsAbstract))
        {
            foreach (var property in page.GetProperties(all).Where(p => p.GetCustomAttributes(true).Any(a => a is BindPropertyAttribute || a.GetType().Name.StartsWith("From", StringComparison.Ordinal))))
            {
                if (property.PropertyType == typeof(string)) yield return $"page {page.FullName} {property.Name}: {KindOf(property)}";
                else if (property.PropertyType.Namespace?.StartsWith("Manzil", StringComparison.Ordinal) == true && property.PropertyType != typeof(DateEntry)) yield return $"page {page.FullName} {property.Name}: {property.PropertyType.Name}";
                else if (property.PropertyType == typeof(DateEntry)) yield return $"page {page.FullName} {property.Name}: a date";
            }

            foreach (var method in page.GetMethods(all).Where(m => m.Name.StartsWith("On", StringComparison.Ordinal) && m.DeclaringType?.Assembly == page.Assembly))
            {
                foreach (var parameter in method.GetParameters().Where(p => p.ParameterType == typeof(string)))
                    yield return $"page {page.FullName} {method.Name}({parameter.Name}): {KindOf(parameter)}";
            }
        }

        foreach (var part in typeof(DateEntry).GetProperties().Where(p => p.PropertyType == typeof(string))) yield return $"a date's {part.Name}: {KindOf(part)}";
    }

    static string KindOf(ICustomAttributeProvider of) => of.GetCustomAttributes(typeof(TypedAttribute), true).OfType<TypedAttribute>().SingleOrDefault()?.Kind.ToString() ?? "past the door";

    static IEnumerable<string> Commands(Command command, string path)
    {
        foreach (var option in command.Options.Where(o => o.ValueType == typeof(string) || o.ValueType == typeof(string[])))
            yield return $"{path} {option.Name}: {(option is TypedOption typed ? typed.Kind.ToString() : "as it is")}";
        foreach (var argument in command.Arguments.Where(a => a.ValueType == typeof(string)))
            yield return $"{path} {argument.Name}: {(argument is TypedArgument typed ? typed.Kind.ToString() : "as it is")}";
        foreach (var line in command.Subcommands.SelectMany(sub => Commands(sub, $"{path} {sub.Name}"))) yield return line;
    }

    /// <summary>Members of JSON, and fields of a form that no page binds, as the doors themselves read them.</summary>
    static IEnumerable<string> Members() => Tables().SelectMany(t => t.Members.All.Select(m => $"member {t.Door.FullName} {m.Name}: {m.Kind}"));

    static IEnumerable<(Type Door, TypedMembers Members)> Tables() =>
        from type in typeof(Program).Assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where field.FieldType == typeof(TypedMembers)
        select (type, (TypedMembers)field.GetValue(null)!);

    /// <summary>Whatever of the compiled program takes text out of JSON, a form or an address by itself; and who reads it by the door.</summary>
    static IEnumerable<string> Readers() => CompiledCode.Whole.Mentions
        .Where(m => m.Call && m.Target is "System.Text.Json.JsonElement.GetString" or "System.Text.Json.Nodes.JsonNode.GetValue" or "System.Text.Json.Utf8JsonReader.GetString" or "Microsoft.AspNetCore.Http.HttpRequest.get_Form"
            or "Microsoft.AspNetCore.Http.HttpRequest.ReadFormAsync" or "Microsoft.AspNetCore.Http.HttpRequest.get_Query" or "Microsoft.AspNetCore.Http.IFormCollection.get_Item" or "Microsoft.AspNetCore.Http.IQueryCollection.get_Item"
            or "Microsoft.AspNetCore.Http.IQueryCollection.TryGetValue" or "Microsoft.AspNetCore.Http.FormReader.ReadFormAsync" or "Microsoft.AspNetCore.WebUtilities.FormReader.ReadFormAsync"
            or "Manzil.Typing.TypedJson.TextOf" or "Manzil.Typing.TypedMembers.Of" or "Manzil.Typing.TypedText.Of" or "Manzil.Typing.TypedText.TextOf")
        .Select(m => $"{m.Place} | {m.Target.Split('.')[^2]}.{m.Target.Split('.')[^1]}");
}
