using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Manzil.Tests.Gates;

/// <summary>What a method of the compiled program mentions: a member that it calls or takes hold of, or a type.</summary>
/// <param name="Place">The method of the source, as Namespace.Class.Method; what the compiler made of lambdas and async methods is told with it.</param>
/// <param name="Target">Namespace.Class for a type, Namespace.Class.Member for a member.</param>
/// <param name="TargetType">Namespace.Class of the target.</param>
/// <param name="Call">True for a member in the body of a method; false for a type that is only named.</param>
/// <param name="Instantiation">The types that a generic method or class was made of, if any.</param>
sealed record Mention(string Place, string Target, string TargetType, bool Call, string Instantiation);

/// <summary>
/// The program as the compiler left it, read from its files: whatever way a thing is written in the source, it is the same here. What
/// reflection reaches by a text is not seen, so reflection itself stands on a list (<see cref="WaysOut"/>).
/// </summary>
sealed class CompiledCode
{
    static readonly Lazy<CompiledCode> whole = new(() => new CompiledCode("manzil.dll", "Manzil.Rules.dll", "Manzil.Receipts.dll"));

    static readonly OpCode[] one = new OpCode[256], two = new OpCode[256];

    readonly List<Mention> _mentions = [];
    readonly List<(string Place, string Text)> _texts = [];
    readonly List<string> _imports = [];
    readonly HashSet<string> _assemblies = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _bases = new(StringComparer.Ordinal);

    static CompiledCode()
    {
        foreach (var code in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<OpCode>())
        {
            if (code.Size == 1) one[code.Value & 0xFF] = code;
            else two[code.Value & 0xFF] = code;
        }
    }

    CompiledCode(params string[] files)
    {
        foreach (var file in files) Read(Path.Combine(AppContext.BaseDirectory, file));
    }

    public static CompiledCode Whole => whole.Value;

    public IReadOnlyList<Mention> Mentions => _mentions;

    /// <summary>Every text that stands in the body of a method; of one with places to fill in, its parts.</summary>
    public IReadOnlyList<(string Place, string Text)> Texts => _texts;

    /// <summary>Functions of native libraries, as Class.Method of library.</summary>
    public IReadOnlyList<string> Imports => _imports;

    public IReadOnlyCollection<string> Assemblies => _assemblies;

    /// <summary>Each class of the program with what it derives from or implements.</summary>
    public IReadOnlyDictionary<string, string> Bases => _bases;

    /// <summary>One assembly only, for tests of this reader.</summary>
    public static CompiledCode Of(string path) => new(path);

    void Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var names = new Names(reader);
        foreach (var reference in reader.AssemblyReferences) _assemblies.Add(reader.GetString(reader.GetAssemblyReference(reference).Name));
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = names.GetTypeFromDefinition(reader, handle, 0);
            var bases = type.GetInterfaceImplementations().Select(i => names.Of(reader.GetInterfaceImplementation(i).Interface)).ToList();
            if (!type.BaseType.IsNil) bases.Add(names.Of(type.BaseType));
            _bases[name] = string.Join(' ', bases);
            foreach (var b in bases) Add(name, b);
            foreach (var field in type.GetFields())
            {
                var definition = reader.GetFieldDefinition(field);
                Add(Source(name, reader.GetString(definition.Name)), definition.DecodeSignature(names, null));
            }

            foreach (var method in type.GetMethods()) Read(file, reader, names, name, reader.GetMethodDefinition(method));
        }
    }

    void Read(PEReader file, MetadataReader reader, Names names, string type, MethodDefinition method)
    {
        var place = Source(type, reader.GetString(method.Name));
        if (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            _imports.Add($"{place} of {reader.GetString(reader.GetModuleReference(method.GetImport().Module).Name)}");
        var signature = method.DecodeSignature(names, null);
        foreach (var t in signature.ParameterTypes.Add(signature.ReturnType)) Add(place, t);
        if (method.RelativeVirtualAddress == 0) return;
        var body = file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            foreach (var t in reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, null)) Add(place, t);
        }

        foreach (var region in body.ExceptionRegions.Where(r => !r.CatchType.IsNil)) Add(place, names.Of(region.CatchType));
        var il = body.GetILReader();
        while (il.RemainingBytes > 0)
        {
            var first = il.ReadByte();
            var code = first == 0xFE ? two[il.ReadByte()] : one[first];
            switch (code.OperandType)
            {
                case OperandType.InlineSwitch:
                    for (var n = il.ReadInt32(); n > 0; n--) il.ReadInt32();
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.ReadInt64();
                    break;
                case OperandType.InlineVar:
                    il.ReadInt16();
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.ReadByte();
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    var token = System.Reflection.Metadata.Ecma335.MetadataTokens.EntityHandle(il.ReadInt32());
                    Mention(reader, names, place, token, "");
                    break;
                case OperandType.InlineString:
                    _texts.Add((place, reader.GetUserString(System.Reflection.Metadata.Ecma335.MetadataTokens.UserStringHandle(il.ReadInt32() & 0xFFFFFF))));
                    break;
                case OperandType.InlineSig:
                    il.ReadInt32();
                    // A call through a pointer: whom it calls is nobody's to say.
                    _mentions.Add(new Mention(place, "calli", "calli", true, ""));
                    break;
                default:
                    il.ReadInt32();
                    break;
            }
        }
    }

    void Mention(MetadataReader reader, Names names, string place, EntityHandle token, string instantiation)
    {
        switch (token.Kind)
        {
            case HandleKind.MethodSpecification:
                var spec = reader.GetMethodSpecification((MethodSpecificationHandle)token);
                var arguments = spec.DecodeSignature(names, null);
                foreach (var argument in arguments) Add(place, argument);
                Mention(reader, names, place, spec.Method, string.Join(' ', arguments));
                break;
            case HandleKind.MemberReference:
                var member = reader.GetMemberReference((MemberReferenceHandle)token);
                var parent = member.Parent.Kind == HandleKind.MethodDefinition
                    ? names.GetTypeFromDefinition(reader, reader.GetMethodDefinition((MethodDefinitionHandle)member.Parent).GetDeclaringType(), 0)
                    : names.Of(member.Parent);
                Call(place, parent, reader.GetString(member.Name), instantiation);
                // What it takes and gives is named by it too: a URL may come in as a text or as an address.
                if (member.GetKind() == MemberReferenceKind.Method)
                {
                    var signature = member.DecodeMethodSignature(names, null);
                    foreach (var t in signature.ParameterTypes.Add(signature.ReturnType)) Add(place, t);
                }

                break;
            case HandleKind.MethodDefinition:
                var method = reader.GetMethodDefinition((MethodDefinitionHandle)token);
                Call(place, names.GetTypeFromDefinition(reader, method.GetDeclaringType(), 0), reader.GetString(method.Name), instantiation);
                break;
            case HandleKind.FieldDefinition:
                var field = reader.GetFieldDefinition((FieldDefinitionHandle)token);
                Call(place, names.GetTypeFromDefinition(reader, field.GetDeclaringType(), 0), reader.GetString(field.Name), instantiation);
                break;
            case HandleKind.TypeDefinition or HandleKind.TypeReference or HandleKind.TypeSpecification:
                Add(place, names.Of(token));
                break;
        }
    }

    // A signature's text holds each of its types, with what they are made of.
    void Add(string place, string types)
    {
        foreach (var type in Parts(types)) _mentions.Add(new Mention(place, type, type, false, ""));
    }

    void Call(string place, string type, string member, string instantiation)
    {
        var (outer, arguments) = type.IndexOf('<', StringComparison.Ordinal) is >= 0 and var at ? (type[..at], type[at..]) : (type, "");
        Add(place, type);
        _mentions.Add(new Mention(place, $"{outer}.{member}", outer, true, (arguments + instantiation).Trim()));
    }

    /// <summary>Type names within a signature's text.</summary>
    public static IEnumerable<string> Parts(string types) =>
        types.Split(['<', '>', ',', '[', ']', '&', '*', ' '], StringSplitOptions.RemoveEmptyEntries).Where(t => !t.StartsWith('!'));

    /// <summary>The class and method of the source that a compiled one came from.</summary>
    public static string Source(string type, string method)
    {
        var parts = type.Split('+');
        // Class+<MethodAsync>d__5, Class+<>c__DisplayClass3_0: what the compiler put into a class is that class's.
        var named = parts.TakeWhile(p => !p.StartsWith('<')).ToList();
        var made = parts.Skip(named.Count).Append(method).FirstOrDefault(p => p.StartsWith('<') && p.IndexOf('>', StringComparison.Ordinal) > 1);
        var name = made is null ? method : made[1..made.IndexOf('>', StringComparison.Ordinal)];
        // A local function of a lambda of a method: <<Method>b__0>g__Inner.
        return $"{string.Join('+', named)}.{name.TrimStart('<').Split('>')[0]}";
    }

    /// <summary>Types as texts: Namespace.Outer+Inner, with what they are made of in brackets.</summary>
    sealed class Names(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
    {
        public string Of(EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeDefinition => GetTypeFromDefinition(metadata, (TypeDefinitionHandle)handle, 0),
            HandleKind.TypeReference => GetTypeFromReference(metadata, (TypeReferenceHandle)handle, 0),
            HandleKind.TypeSpecification => GetTypeFromSpecification(metadata, null, (TypeSpecificationHandle)handle, 0),
            _ => "?",
        };

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = Name(reader.GetString(type.Name));
            return type.GetDeclaringType() is { IsNil: false } outer ? $"{GetTypeFromDefinition(reader, outer, 0)}+{name}" : Joined(reader.GetString(type.Namespace), name);
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var name = Name(reader.GetString(type.Name));
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}+{name}"
                : Joined(reader.GetString(type.Namespace), name);
        }

        // The arity of a generic class is told by what it is made of.
        static string Name(string name) => name.Split('`')[0];

        static string Joined(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => "System." + typeCode;

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(',', typeArguments)}>";

        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[]";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index;

        public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "calli";
    }
}
