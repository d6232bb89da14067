using System.Reflection;
using System.Text;

namespace CoEdit.Architecture.Tests;

/// <summary>Pins the public surface of the libraries: a change shows as a change of a text file.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("CoEdit.Crdt")]
    [InlineData("CoEdit.Protocol")]
    [InlineData("CoEdit.Persistence")]
    public void The_public_API_is_the_recorded_one(string assembly)
    {
        string file = Repository.File($"tests/Architecture.Tests/PublicApi.{assembly}.txt");
        string actual = Describe(Assembly.Load(assembly));

        // COEDIT_RECORD_API=1 writes the files anew, for a change that is meant.
        if (Environment.GetEnvironmentVariable("COEDIT_RECORD_API") == "1")
            File.WriteAllText(file, actual);

        Assert.Equal(File.ReadAllText(file), actual);
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type));
            string[] bases = [.. Bases(type)];
            if (bases.Length > 0)
                text.Append(" : ").AppendJoin(", ", bases);
            text.Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
                text.Append("  ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => type.IsByRefLike ? "ref struct" : "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static IEnumerable<string> Bases(Type type)
    {
        if (type.IsEnum)
            yield break;
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            yield return Name(parent);
        foreach (string contract in type.GetInterfaces().Where(contract => contract.IsPublic).Select(Name).Order(StringComparer.Ordinal))
            yield return contract;
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily))
        {
            if (type.IsEnum && !field.IsLiteral)
                continue;
            yield return field.IsLiteral ? $"const {field.Name} = {field.GetRawConstantValue()}" : $"field {Name(field.FieldType)} {field.Name}";
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(member => member.IsPublic || member.IsFamily))
            yield return $"new({Parameters(constructor)})";
        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            bool get = property.GetMethod is { } getter && (getter.IsPublic || getter.IsFamily);
            bool set = property.SetMethod is { } setter && (setter.IsPublic || setter.IsFamily);
            string index = string.Join(", ", property.GetIndexParameters().Select(parameter => Name(parameter.ParameterType)));
            if (get || set)
                yield return $"{Name(property.PropertyType)} {property.Name}{(index.Length > 0 ? $"[{index}]" : "")} {{{(get ? " get;" : "")}{(set ? " set;" : "")} }}";
        }

        foreach (EventInfo happening in type.GetEvents(Declared).Where(happening => happening.AddMethod!.IsPublic))
            yield return $"event {Name(happening.EventHandlerType!)} {happening.Name}";
        foreach (MethodInfo method in type.GetMethods(Declared).Where(method => (method.IsPublic || method.IsFamily) && !method.IsSpecialName))
        {
            string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
        }
    }

    private static string Parameters(MethodBase method) => string.Join(
        ", ", method.GetParameters().Select(parameter => $"{(parameter.IsOut ? "out " : "")}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = …" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter || !type.IsGenericType)
            return type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        string name = type.Name.Split('`')[0];
        return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
